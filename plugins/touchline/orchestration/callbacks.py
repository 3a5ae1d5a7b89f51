"""What happens when a task has failed for good."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from touchline.errors import TouchlineError

if TYPE_CHECKING:
    from touchline.alerts import Alert

log = logging.getLogger(__name__)


def alert_failure(context: Mapping[str, Any]) -> None:
    """Tell the DAG's owner once; an AirflowFailException was told by the step that raised it."""
    from touchline import notices
    from touchline.settings import get_settings

    error = context.get("exception")
    if not isinstance(error, AirflowFailException):
        notices.send(get_settings(), _alert(context, as_touchline_error(error)))


def close_build(context: Mapping[str, Any]) -> None:
    """Enter the build as failed and tell the warehouse's owners, unless the audit has told them."""
    from touchline import builds, notices, warehouse
    from touchline.settings import get_settings

    settings = get_settings()
    error = context.get("exception")
    build_id = context["ti"].xcom_pull(task_ids="start_build")
    told = as_touchline_error(error)
    if build_id is not None:
        builds.set_state(warehouse.engine(settings), build_id, "failed", str(error or told))
    if not isinstance(error, AirflowFailException):
        notices.build_failed(settings, build_id, told)


def as_touchline_error(error: object) -> TouchlineError:
    """The error to tell; of a foreign one only its class, since its text may carry a row of data."""
    if isinstance(error, TouchlineError):
        return error
    return TouchlineError(
        f"The task ended with {type(error).__name__}" if error else "The task was killed",
        todo="Read the task's log, then clear the task: every step may be repeated.",
    )


def _alert(context: Mapping[str, Any], error: TouchlineError) -> "Alert":
    from touchline.alerts import Alert
    from touchline.notices import RUNBOOK

    task = context["ti"]
    place = f"DAG {task.dag_id}, task {task.task_id}, run {task.run_id}"
    return Alert(
        title=f"DAG failed: {task.dag_id}",
        what=error.what,
        where=f"{error.where}; {place}" if error.where else place,
        how_many="this run; what was loaded before is untouched",
        example_keys=(),
        since=datetime.now(UTC),
        owner=str(context["task"].owner),
        next_step=error.todo or "Read the task's log, then clear the task.",
        runbook=f"{RUNBOOK}#dag-failed",
        severity="critical",
        dedup_key=f"dag:{task.dag_id}",
    )
