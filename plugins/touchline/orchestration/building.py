"""The tasks of a build. Each calls one step of the pipeline, and holds the build lock while it works."""

from datetime import datetime
from typing import Any

from airflow.sdk import Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from touchline.orchestration import assets
from touchline.settings import get_settings

STEPS = ("stage_sources", "resolve_identities", "model_facts", "estimate_statistics", "model_reports")
"""The steps between the freeze and the audit, in their order; names of functions in `touchline.steps`."""
PARAMS = {
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date-time",
        description="Build the marts as of this instant, with its offset, e.g. 2026-06-30T00:00:00Z",
    ),
    "full_refresh": Param(False, type="boolean", description="Build even if nothing is new, every table in full"),
    "publish_earlier": Param(False, type="boolean", description="Publish `as_of` though a later build is live"),
}
"""What a run by hand, or a backfill, may ask for; scheduled runs ask for nothing."""


@task.short_circuit(retries=6)
def start_build() -> int | None:
    """Freeze what is accepted and return the build's id; None, which ends the run, when nothing is new.

    It is tried for about a quarter of an hour: sources that belong together arrive one after the other.
    """
    from touchline import steps
    from touchline.alerting import notices
    from touchline.orchestration import fencing

    settings, wanted = get_settings(), get_current_context()["params"]
    as_of = datetime.fromisoformat(wanted["as_of"]) if wanted["as_of"] else None
    if not (as_of or wanted["full_refresh"] or steps.is_build_needed(settings)):
        notices.run_ended_well(settings)
        return None
    with fencing.new_build(settings):
        return steps.start_build(settings, as_of, full_refresh=wanted["full_refresh"]).build_id


def run_steps(build_id: Any) -> list[XComArg]:
    """One task per step between the freeze and the audit."""
    return [run_step.override(task_id=name)(name, build_id) for name in STEPS]


@task
def run_step(name: str, build_id: int) -> None:
    """Run a step for a build that still owns the slot."""
    from touchline import steps
    from touchline.orchestration import fencing

    settings = get_settings()
    with fencing.own_build(settings, build_id):
        getattr(steps, name)(settings, build_id)


@task
def audit_build(build_id: int) -> None:
    """Great Expectations decides; a refusal is final, and the step has told it."""
    from touchline import steps
    from touchline.orchestration import fencing

    settings = get_settings()
    try:
        with fencing.own_build(settings, build_id):
            steps.audit_build(settings, build_id)
    except steps.AuditRefusedError as error:
        raise AirflowFailException(str(error)) from error


@task(outlets=[assets.MARTS])
def publish_build(build_id: int) -> None:
    """Swap the audited build in and emit the marts asset, unless an earlier try did, or a later `as_of` is live."""
    from touchline import builds, steps, warehouse
    from touchline.alerting import notices
    from touchline.orchestration import fencing

    settings = get_settings()
    owner, wanted = warehouse.engine(settings), get_current_context()["params"]
    if not wanted["publish_earlier"] and builds.is_later_published(owner, builds.order(owner, build_id).instant):
        raise AirflowSkipException(f"a later build is live; build {build_id} stays in marts_next")
    published = builds.latest_publication(owner)
    if published is None or published.build_id != build_id:
        with fencing.own_build(settings, build_id):
            steps.publish_build(settings, build_id)
    notices.run_ended_well(settings)
