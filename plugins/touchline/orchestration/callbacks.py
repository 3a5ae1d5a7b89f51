"""What happens when a task has failed for good, and when it has done its work after all.

Failures go into the same incidents as those of the command line: one cause is told once, whoever meets it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from touchline.errors import TouchlineError


def alert_failure(context: Mapping[str, Any]) -> None:
    """Tell the DAG's owner; an AirflowFailException was told by the step that raised it."""
    from touchline import steps
    from touchline.alerting import notices
    from touchline.landing.store_errors import LocationError
    from touchline.settings import get_settings

    error, task, settings = context.get("exception"), context["ti"], get_settings()
    if isinstance(error, AirflowFailException):
        return
    if isinstance(error, LocationError) and (source := task.dag_id.removeprefix("ingest_")) != task.dag_id:
        notices.location_failed(settings, steps.read_sources(settings, [source])[0], error)
        return
    place = f"DAG {task.dag_id}, task {task.task_id}, run {task.run_id}"
    notices.task_failed(settings, _scope(context), place, str(context["task"].owner), as_touchline_error(error))


def clear_failure(context: Mapping[str, Any]) -> None:
    """What was told of this task's failure is over; so is a late run, once it or a later one has come so far."""
    from touchline.alerting import notices
    from touchline.settings import get_settings

    settings, task = get_settings(), context["task"]
    notices.task_succeeded(settings, _scope(context))
    # Where runs follow one another: as soon as a task of this run works, the run before has ended.
    is_over = not task.downstream_task_ids or context["dag"].max_active_runs != 1
    notices.run_not_late(settings, context["ti"].dag_id, None if is_over else context["dag_run"].start_date)


def tell_late(context: Mapping[str, Any], owner: str) -> None:
    """A deadline was missed. Runs in the executor, where the steps run; a run that has failed by now has told why."""
    from touchline.alerting import notices
    from touchline.settings import get_settings

    run, due_at = context["dag_run"], context["deadline"]["deadline_time"]
    if run["state"] == "failed":
        return
    moment = due_at if isinstance(due_at, datetime) else datetime.fromisoformat(due_at)
    notices.run_late(get_settings(), run["dag_id"], run["dag_run_id"], owner, moment)


def close_build(context: Mapping[str, Any]) -> None:
    """Enter the build as failed and tell the warehouse's owners, unless the audit has told them."""
    from touchline import builds, warehouse
    from touchline.alerting import notices
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
    from psycopg import OperationalError
    from sqlalchemy import exc

    from touchline.warehouse import lost

    if isinstance(error, TouchlineError):
        return error
    if isinstance(error, (OperationalError, exc.OperationalError)):
        return lost(error, "the warehouse")
    return TouchlineError(
        f"The task ended with {type(error).__name__}" if error else "The task was killed",
        todo="Read the task's log, then clear the task: every step may be repeated.",
    )


def _scope(context: Mapping[str, Any]) -> str:
    return f"{context['ti'].dag_id}, {context['ti'].task_id}"
