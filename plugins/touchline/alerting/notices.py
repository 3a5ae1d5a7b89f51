"""Which incident each failure belongs to, and when its cause is gone; one cause, one message."""

import re
from collections.abc import Sequence
from datetime import datetime

from touchline import warehouse
from touchline.alerting import dispatch, liveness
from touchline.alerting.alerts import BUILD, SHOWN_KEYS, Alert, Kind, cause_of, instant
from touchline.alerting.audit_alerts import LOADS, MARTS, alert_for_audit
from touchline.audit.results import AuditResult
from touchline.errors import TouchlineError
from touchline.ledger import LoadOutcome
from touchline.mapping import Source
from touchline.settings import Settings

PLATFORM = "data platform"
MART_KINDS = (Kind.AUDIT_CRASHED, Kind.AUDIT_FAILED, Kind.AUDIT_WARNINGS)
LOAD_KINDS = (Kind.AUDIT_CRASHED, Kind.LOAD_REJECTED, Kind.LOAD_WARNINGS)
BUILD_FAILURES = tuple(cause_of(kind, BUILD) for kind in (Kind.BUILD_FAILED, Kind.COMPONENT_TOO_LARGE))


def files_refused(settings: Settings, source: Source, refused: Sequence[LoadOutcome]) -> None:
    """Tell the source's owner which files could not be read at all."""
    alert = Alert(
        kind=Kind.FILE_REFUSED,
        scope=source.source,
        title=f"Export files refused: {source.source}",
        what="\n  - ".join(["files that could not be read:", *(f"{o.file_name}: {o.reason}" for o in refused)]),
        where=f"source {source.source}",
        how_many=f"{len(refused)} file(s); no row of them is in the warehouse",
        owner=source.owner,
        next_step="Deliver the file again, or mend its mapping; the next run reads it.",
        faults=frozenset(_class_of(outcome.reason or "", outcome.file_name) for outcome in refused),
        route=source.alert_route,
    )
    dispatch.enter(settings, alert)


def no_file_refused(settings: Settings, source: Source) -> None:
    """No file of the source is refused any more."""
    dispatch.resolve(settings, cause_of(Kind.FILE_REFUSED, source.source))


def location_failed(settings: Settings, source: Source, error: TouchlineError) -> None:
    """Tell the source's owner that its exports cannot be had."""
    alert = Alert(
        kind=Kind.LOCATION_FAILED,
        scope=source.source,
        title=f"Exports cannot be fetched: {source.source}",
        what=error.what,
        where=error.where or f"source {source.source}",
        how_many="no row of what could not be fetched is in the warehouse",
        owner=source.owner,
        next_step=error.todo or "Run again.",
        route=source.alert_route,
    )
    dispatch.enter(settings, alert)


def location_answers(settings: Settings, source: Source) -> None:
    """Everything at the source's location could be fetched."""
    dispatch.resolve(settings, cause_of(Kind.LOCATION_FAILED, source.source))


def load_judged(
    settings: Settings, source: Source, export: str, file_name: str, reason: str, result: AuditResult | None
) -> bool:
    """Tell the source's owner why a load is not built upon; warnings alone are told, too. Whether there was anything.

    `result` is None for a load without rows to audit, `reason` empty for a load that was accepted.
    """
    scope, where = f"{source.source}, {export}", f"source {source.source}, export {export}, file {file_name}"
    alert = alert_for_audit(result, LOADS, scope=scope, where=where, route=source.alert_route) if result else None
    if reason and (alert is None or alert.severity == "warning"):
        alert = Alert(
            kind=Kind.LOAD_REJECTED,
            scope=scope,
            title=f"Load rejected: {scope}",
            what=reason,
            where=where,
            how_many="the whole load waits",
            owner=source.owner,
            next_step="`touchline quarantine list` names the records; deliver a corrected export or mend the mapping.",
            faults=frozenset({_class_of(reason, file_name)}),
            route=source.alert_route,
        )
    if alert is not None:
        dispatch.enter(settings, alert)
    return alert is not None


def loads_are_fit(settings: Settings, source: Source, export: str) -> None:
    """All loads of the export judged last are fit to build on."""
    dispatch.resolve(settings, *(cause_of(kind, f"{source.source}, {export}") for kind in LOAD_KINDS))


def build_audited(settings: Settings, build_id: int, result: AuditResult) -> None:
    """Tell the warehouse's owners what a build's audit found; whatever it no longer finds is resolved."""
    alert = alert_for_audit(result, MARTS, scope="marts", where=f"build {build_id}, schema marts_next")
    if alert is not None:
        dispatch.enter(settings, alert)
    # A crash says nothing about the data, so it resolves nothing.
    gone = [] if result.verdict == "crashed" else [kind for kind in MART_KINDS if alert is None or kind != alert.kind]
    dispatch.resolve(settings, *(cause_of(kind, "marts") for kind in gone), *BUILD_FAILURES)


def task_failed(settings: Settings, scope: str, place: str, owner: str, error: TouchlineError) -> None:
    """Tell a DAG's owner that a task failed for good; `scope` is DAG and task."""
    is_away = error.runbook == Kind.WAREHOUSE_AWAY
    alert = Alert(
        kind=Kind.WAREHOUSE_AWAY if is_away else Kind.DAG_FAILED,
        scope=BUILD if is_away else scope,
        title="The warehouse is away" if is_away else f"DAG failed: {scope}",
        what=error.what,
        where=f"{error.where}; {place}" if error.where else place,
        how_many="this run; what was loaded before is untouched",
        owner=PLATFORM if is_away else owner,
        next_step=error.todo or "Read the task's log, then clear the task.",
        faults=frozenset() if is_away else frozenset({_class_of(error.what)}),
    )
    dispatch.enter(settings, alert)


def task_succeeded(settings: Settings, scope: str) -> None:
    """The task that failed has done its work."""
    dispatch.resolve(settings, cause_of(Kind.DAG_FAILED, scope))


def run_late(settings: Settings, dag_id: str, run_id: str, owner: str, due_at: datetime) -> None:
    """Tell a DAG's owner that a run has not ended by its deadline."""
    alert = Alert(
        kind=Kind.DAG_LATE,
        scope=dag_id,
        title=f"DAG late: {dag_id}",
        what=f"the run was to end by {instant(due_at)} and has not",
        where=f"DAG {dag_id}, run {run_id}",
        how_many="this run; the next one waits for it",
        owner=owner,
        next_step="See in Airflow which task runs or waits, and read its log; mark the run failed if it hangs.",
        severity="warning",
    )
    dispatch.enter(settings, alert)


def run_not_late(settings: Settings, dag_id: str, begun_at: datetime | None = None) -> None:
    """The DAG's run has ended; with `begun_at`, the one before the run that began then."""
    dispatch.resolve(settings, cause_of(Kind.DAG_LATE, dag_id), before=begun_at)


def left_behind(settings: Settings, source: Source, waiting: Sequence[str]) -> None:
    """Tell a source's owner which files nobody has loaded; none means that this is over."""
    if not waiting:
        dispatch.resolve(settings, cause_of(Kind.LEFT_BEHIND, source.source))
        return
    alert = Alert(
        kind=Kind.LEFT_BEHIND,
        scope=source.source,
        title=f"Files nobody has loaded: {source.source}",
        what="\n  - ".join(["files that have waited for more than an hour:", *waiting[:SHOWN_KEYS]]),
        where=f"source {source.source}",
        how_many=f"{len(waiting)} file(s)",
        owner=source.owner,
        next_step=f"See in Airflow whether ingest_{source.source} is paused or fails; `touchline run` loads them, too.",
        severity="warning",
        route=source.alert_route,
    )
    dispatch.enter(settings, alert)


def build_failed(settings: Settings, build_id: int | None, error: TouchlineError) -> None:
    """Tell the warehouse's owners that a build could not be made."""
    kind = Kind(error.runbook or Kind.BUILD_FAILED)
    alert = Alert(
        kind=kind,
        scope=BUILD,
        title="Warehouse build failed",
        what=error.what,
        where=error.where or f"build {build_id}",
        how_many="the whole build; readers still see the last good one",
        owner=PLATFORM,
        next_step=error.todo or "Look into the log of the step, then run again.",
        faults=frozenset() if kind is Kind.WAREHOUSE_AWAY else frozenset({_class_of(error.what)}),
    )
    dispatch.enter(settings, alert)


def run_ended_well(settings: Settings) -> None:
    """A run has done all there was to do: what readers see is all that was delivered."""
    liveness.beat(warehouse.engine(settings), settings)
    audits = [cause_of(kind, "marts") for kind in (Kind.AUDIT_CRASHED, Kind.AUDIT_FAILED)]
    dispatch.resolve(settings, cause_of(Kind.RUN_OVERDUE, "run"), *audits, *BUILD_FAILURES)


def _class_of(reason: str, *names: str) -> str:
    """The reason without what varies from one occurrence to the next."""
    for name in names:
        reason = reason.replace(name, "…")
    return re.sub(r"\d+", "#", reason)
