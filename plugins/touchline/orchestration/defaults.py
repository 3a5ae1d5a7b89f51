"""What every DAG has in common: owner, retries, timeouts, tags."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from touchline.mapping import Source
from touchline.settings import get_settings
from touchline.sources import read_source

PLATFORM_OWNER = "data-platform"


class Tag(StrEnum):
    """All tags a DAG may carry."""

    INGEST = "ingest"
    BUILD = "build"
    PUBLISH = "publish"
    MAINTAIN = "maintain"
    POS = "pos"
    CRM = "crm"
    CALL_CENTER = "call_center"


def configured_sources() -> list[Source]:
    """Every source file, read from the local disk: all that parsing a DAG file may read."""
    return [read_source(path) for path in sorted(get_settings().sources_dir.glob("*.yml"))]


def default_args(owner: str = PLATFORM_OWNER) -> dict[str, Any]:
    """Task defaults: steps can be repeated, so that what passes by itself (a restart, a lock) is tried again."""
    return {
        "owner": owner,
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(hours=2),
    }


def dag_options(owner: str = PLATFORM_OWNER) -> dict[str, Any]:
    """DAG arguments: one run at a time, none for the past, active from the start."""
    return {
        "default_args": default_args(owner),
        "max_active_runs": 1,
        "catchup": False,
        "is_paused_upon_creation": False,
        "dagrun_timeout": timedelta(hours=12),
    }
