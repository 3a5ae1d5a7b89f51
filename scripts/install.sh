#!/usr/bin/env bash
# Makes the virtual environment in $1 from requirements-dev.lock: with uv where it can be had, else with pip.
set -euo pipefail

venv="${1:?folder of the environment}"
python="${PYTHON:-python3}"
root="$(cd "$(dirname "$0")/.." && pwd)"

"$python" - <<'PY'
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(f"Touchline needs Python 3.11 to 3.13; this is {sys.version.split()[0]}. Set PYTHON=/path/to/python3.")
PY

if ! "$python" -m venv "$venv"; then
    echo "Python's venv module is missing: install it (Debian: apt-get install python3-venv)." >&2
    exit 1
fi

pip=("$venv/bin/pip" --disable-pip-version-check install --quiet --require-hashes)

# Where Python may not write bytecode, every start of dbt or Airflow would compile its modules again.
with_uv() {
    "${pip[@]}" --requirement "$root/requirements-uv.lock" &&
        "$venv/bin/uv" --system-certs pip install --quiet ${PYTHONDONTWRITEBYTECODE:+--compile-bytecode} --python "$venv/bin/python" --no-deps --require-hashes \
            --requirement "$root/requirements-dev.lock"
}

echo "Installing the pinned packages into $venv …"
if [[ "${TOUCHLINE_INSTALLER:-uv}" != uv ]] || ! with_uv; then
    echo "Installing with pip, which takes a few minutes …"
    "${pip[@]}" --no-deps --requirement "$root/requirements-dev.lock"
fi
# The build backend is in the lock, so nothing is fetched for it.
"$venv/bin/pip" --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable "$root"
