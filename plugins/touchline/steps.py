"""The pipeline's steps, each a plain function. The command line chains them, Airflow's tasks call them one by one."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import touchline
from touchline import audit, builds, dbt, estimates, identity, ledger, notices, publish, vault, warehouse
from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.landing import discover, load
from touchline.mapping import Source
from touchline.settings import Settings
from touchline.sources import load_sources
from touchline.warehouse import Role

_PACKAGE = Path(touchline.__file__).parent


class AuditRefusedError(TouchlineError):
    """The audit's verdict forbids publication. The alert has been sent."""

    def __init__(self, build_id: int, result: audit.AuditResult) -> None:
        worst = "; ".join(f"{check.suite} {check.check_id}" for check in result.failing[:3])
        super().__init__(
            f"The audit of build {build_id} {result.verdict}: {worst or 'no check ran'}",
            where="schema marts_next; readers still see the last good build",
            todo="mend the cause, then run again",
        )
        self.result = result


def read_sources(settings: Settings, only: Iterable[str] = ()) -> list[Source]:
    """All sources, or the named ones, checked against their contracts."""
    return load_sources(settings.sources_dir, load_contracts(settings.contracts_dir), only)


def find_exports(settings: Settings, only: Iterable[str] = ()) -> list[discover.ExportFile]:
    """Every file the sources claim below the landing folder."""
    if not settings.landing_dir.is_dir():
        todo = "create it and drop the exports there, or name another with --landing"
        raise TouchlineError("The landing folder does not exist", where=str(settings.landing_dir), todo=todo)
    return list(discover.discover(read_sources(settings, only), settings.landing_dir))


def find_waiting(settings: Settings, only: Iterable[str] = ()) -> list[discover.WaitingFile]:
    """Files that a source claims and that are not read, for now or for good, with the reason."""
    return list(discover.waiting(read_sources(settings, only), settings.landing_dir))


def load_export(settings: Settings, file: discover.ExportFile) -> ledger.LoadOutcome:
    """Load one file; the same bytes again are a no-op."""
    engine = warehouse.engine(settings, Role.LOADER)
    return load.load_file(engine, file, load_contracts(settings.contracts_dir), vault.load_keys(settings.secrets_dir))


def check_loads(settings: Settings, only: Iterable[str] = ()) -> list[ledger.PendingLoad]:
    """Audit every load not judged yet; each becomes accepted or rejected, and the rejected ones are returned.

    A source's owner gets one alert a load that is rejected or has warnings.
    """
    owner = warehouse.engine(settings)
    pending = ledger.pending_loads(owner, only)
    targets = [
        audit.LoadToAudit(item.load_id, item.source, item.kind, entity) for item in pending for entity in item.entities
    ]
    results = audit.audit_loads(owner, targets, settings.expectations_dir)
    sources = {source.source: source for source in read_sources(settings)}
    rejected = []
    for item in pending:
        result = results.get(item.load_id, audit.AuditResult(()))
        if item.load_id in results:
            ledger.record_audit(owner, result.verdict, len(result.checks), result.to_json(), load_id=item.load_id)
        reason = _rejection(item, result, sources[item.source])
        ledger.judge_load(owner, item.load_id, "rejected" if reason else "accepted", reason or None)
        notices.load_rejected(settings, item.source, sources[item.source].owner, item.file_name, reason, result)
        if reason:
            rejected.append(ledger.PendingLoad(**vars(item) | {"reason": reason}))
    return rejected


def start_build(settings: Settings, as_of: datetime | None = None, *, full_refresh: bool = False) -> builds.Build:
    """Freeze the accepted loads and give the builder a slot."""
    owner = warehouse.engine(settings)
    build = builds.freeze(owner, read_sources(settings), current_code(settings), as_of, full_refresh=full_refresh)
    publish.prepare_slot(owner, build.build_id)
    return build


def stage_sources(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: newest versions, conformed names, identity edges."""
    return _run_dbt(settings, build_id, "stage")


def resolve_identities(settings: Settings, build_id: int) -> identity.IdentitySummary:
    """Who is who among the build's records."""
    return identity.resolve(warehouse.engine(settings, Role.BUILDER), build_id)


def model_facts(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: touchpoints, episodes, dimensions and facts."""
    return _run_dbt(settings, build_id, "model")


def estimate_statistics(settings: Settings, build_id: int) -> None:
    """Resampling that SQL cannot do, from compact count tables."""
    estimates.run(warehouse.engine(settings, Role.BUILDER), build_id)


def model_reports(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: the report marts. What older code made in the slot and no model makes any more is dropped."""
    result = _run_dbt(settings, build_id, "report")
    publish.drop_strays(warehouse.engine(settings), dbt.marts(settings, build_id))
    return result


def _run_dbt(settings: Settings, build_id: int, step: dbt.Step) -> dbt.DbtResult:
    owner = warehouse.engine(settings)
    code = builds.shared_fingerprint(owner, build_id, settings.dbt_project_dir, _PACKAGE)
    as_of, full_refresh = builds.order(owner, build_id)
    return dbt.build(settings, build_id, step, code, as_of, full_refresh=full_refresh)


def audit_build(settings: Settings, build_id: int) -> audit.AuditResult:
    """Audit `marts_next`; raises AuditRefusedError, after the alert, unless the build is fit to publish."""
    owner = warehouse.engine(settings)
    result = audit.audit_marts(owner, build_id, settings.expectations_dir)
    ledger.record_audit(owner, result.verdict, len(result.checks), result.to_json(), build_id=build_id)
    notices.build_audited(settings, build_id, result)
    if not result.is_fit:
        raise AuditRefusedError(build_id, result)
    builds.set_state(owner, build_id, "audited")
    return result


def publish_build(settings: Settings, build_id: int) -> builds.Publication:
    """Make an audited build what readers see."""
    return publish.publish(warehouse.engine(settings), build_id)


def is_build_needed(settings: Settings) -> bool:
    """Whether anything is accepted, or coded, that the published build does not hold."""
    return builds.needs_build(warehouse.engine(settings), current_code(settings))


def current_code(settings: Settings) -> str:
    """Fingerprint of what shapes the marts."""
    return builds.code_fingerprint(settings.dbt_project_dir, _PACKAGE)


def _rejection(item: ledger.PendingLoad, result: audit.AuditResult, source: Source) -> str:
    """Why the load must not be built upon; empty when it may."""
    error_budget = source.error_budget
    max_shrink = next((export.max_shrink for export in source.exports if export.name == item.export), 0.0)
    if item.previous_snapshot and item.loaded < (1 - max_shrink) * item.previous_snapshot:
        shrunk = f"the snapshot holds {item.loaded} records, the one before held {item.previous_snapshot}"
        return f"{shrunk}: more than {max_shrink:.0%} would be deleted"
    # One bad record in a short file is no reason to hold back the rest.
    if item.quarantined > max(1, error_budget * item.records) or item.quarantined == item.records > 0:
        share = f"{item.quarantined} of {item.records} records were set aside"
        return f"{share}, more than the source's error budget of {error_budget:.1%}"
    if item.entities and not result.is_fit:
        worst = "; ".join(f"{check.check_id}: {check.observed}" for check in result.failing[:3])
        return f"its audit {result.verdict}: {worst}"
    return ""
