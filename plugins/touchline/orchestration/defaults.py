"""What every DAG has in common: owner, retries, timeouts, tags."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from touchline.mapping import Source
from touchline.orchestration.callbacks import tell_late
from touchline.settings import get_settings
from touchline.sources import read_source

PLATFORM_OWNER = "data-platform"
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[TypeError, AttributeError, LookupError, NameError, AssertionError],
            action=RetryAction.FAIL,
            reason="a mistake in the code does not pass by itself",
        )
    ]
)
"""What is not tried again; everything else is, since steps can be repeated."""


class Tag(StrEnum):
    """All tags a DAG may carry."""

    INGEST = "ingest"
    BUILD = "build"
    PUBLISH = "publish"
    MAINTAIN = "maintain"
    APPROVE = "approve"
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
        "retry_policy": RETRY_POLICY,
        "execution_timeout": timedelta(hours=2),
    }


def dag_options(due_after: timedelta, owner: str = PLATFORM_OWNER) -> dict[str, Any]:
    """DAG arguments: one run at a time, none for the past, active from the start, an alert after `due_after`."""
    return {
        "deadline": DeadlineAlert(
            # Runs that an asset or a person starts have no logical date.
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=due_after,
            # In the executor: the triggerer has no access to the warehouse.
            callback=SyncCallback(tell_late, kwargs={"owner": owner}),
            name=f"due in {due_after}",
        ),
        "default_args": default_args(owner),
        "max_active_runs": 1,
        "catchup": False,
        "is_paused_upon_creation": False,
        "dagrun_timeout": timedelta(hours=12),
    }
