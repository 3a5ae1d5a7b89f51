#!/bin/sh
# Writes the log-in of the web UI to the file Airflow reads it from, then becomes the API server.
set -eu

umask 077
python3 -c 'import json, os; print(json.dumps({"admin": os.environ["TOUCHLINE_WEB_PASSWORD"]}))' \
    > "$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
unset TOUCHLINE_WEB_PASSWORD
exec airflow api-server
