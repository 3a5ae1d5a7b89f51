#!/usr/bin/env python3
"""Container health check of one Airflow component: `health.py scheduler`; exit code 0 means healthy.

Asks over HTTP, since starting the `airflow` command costs seconds of CPU each time.
"""

import json
import os
import sys
from urllib.parse import urljoin
from urllib.request import urlopen

TIMEOUT_SECONDS = 8
SCHEDULER_URL = "http://127.0.0.1:8974/health"
# What each container asks the API server about; the API server itself is well when it reaches the metadata.
COMPONENTS = {"api-server": "metadatabase", "dag-processor": "dag_processor", "triggerer": "triggerer"}


def is_healthy(service: str) -> bool:
    """Whether the component of this container works; an answer that is no success raises OSError."""
    if service == "scheduler":
        with urlopen(SCHEDULER_URL, timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    url = urljoin(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], "/api/v2/monitor/health")
    with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  (the URL is our own setting)
        return bool(json.load(answer)[COMPONENTS[service]]["status"] == "healthy")


if __name__ == "__main__":
    try:
        sys.exit(0 if is_healthy(sys.argv[1]) else 1)
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
