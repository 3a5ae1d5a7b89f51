#!/usr/bin/env bash
# Writes .env for docker compose: random secrets, mode 0600. A value that is already there is never changed.
set -euo pipefail
umask 077

root="$(cd "$(dirname "$0")/.." && pwd)"
env_file="${1:-$root/.env}"
landing="$(dirname "$env_file")/.touchline/landing"

random_hex() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }

# Containers never run as root; who runs this as root gives them the image's own user.
container_uid() { if [[ "$(id -u)" == 0 ]]; then echo 10001; else id -u; fi; }

value_of() {
    case "$1" in
        *_PASSWORD | AIRFLOW_SECRET_KEY) random_hex 32 ;;
        AIRFLOW_JWT_SECRET) random_hex 64 ;;
        AIRFLOW_FERNET_KEY) head -c 32 /dev/urandom | base64 | tr '+/' '-_' ;;
        TOUCHLINE_ALERT_URLS) echo '[]' ;;
        TOUCHLINE_LANDING) echo ./.touchline/landing ;;
        TOUCHLINE_UID) container_uid ;;
        TOUCHLINE_WEB_PORT) echo 8080 ;;
        TOUCHLINE_POSTGRES_PORT) echo 5432 ;;
        *) echo "make-env.sh has no rule for $1" >&2; return 1 ;;
    esac
}

if [[ ! -e "$env_file" ]]; then
    echo "# Written by scripts/make-env.sh; .env.example says what each value is for." >"$env_file"
fi
chmod 600 "$env_file"
added=()
for name in $(sed -n 's/^\([A-Z_]*\)=.*/\1/p' "$root/.env.example"); do
    if ! grep -q "^$name=" "$env_file"; then
        value="$(value_of "$name")"
        echo "$name=$value" >>"$env_file"
        added+=("$name")
    fi
done

if [[ ! -d "$landing" ]]; then
    mkdir -p "$landing"
    # As the embedded Postgres makes it: others may pass through, not list.
    chmod 711 "$(dirname "$landing")"
    if [[ "$(id -u)" == 0 ]]; then chown "$(container_uid)" "$landing"; fi
fi
echo "$env_file: ${#added[@]} value(s) added${added[*]:+: ${added[*]}}"
