"""The pipeline's steps, each a plain function. The command line chains them, Airflow's tasks call them one by one."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import touchline
from touchline import (
    audit,
    builds,
    change_log,
    connections,
    custody,
    dbt,
    erasure,
    estimates,
    fingerprints,
    identity,
    ledger,
    pending,
    publish,
    warehouse,
)
from touchline.alerting import notices
from touchline.audit import overrides, yardsticks
from touchline.connections import Connect
from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.landing import discover, load, places
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.maintenance import horizon
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


def find_exports(
    settings: Settings, only: Iterable[str] = (), settle_seconds: float = 0, connect: Connect | None = None
) -> list[discover.ExportFile]:
    """Every file the sources claim at their locations and that can be read now."""
    sources = read_sources(settings, only)
    return [file for source in sources for file in survey(settings, source, settle_seconds, connect).files]


def survey(
    settings: Settings, source: Source, settle_seconds: float = 0, connect: Connect | None = None
) -> discover.Survey:
    """What lies at a source's location. `connect` gives its connection; default: environment and secrets folder.

    Raises LocationError if the location cannot be reached now.
    """
    place = places.place_of(source, settings, connect or connections.environment(settings.secrets_dir))
    return discover.survey([source], place, settle_seconds)


def check_keys(settings: Settings) -> str | None:
    """Raise TouchlineError unless tokens may be written; returns why they ought to be moved soon, if they ought."""
    engine = warehouse.engine(settings, Role.LOADER)
    custody.require_settled(engine)
    keys = custody.bind(engine, custody.held_keys(settings, engine), NORMALISER_VERSION)
    with engine.connect() as connection:
        return custody.what_is_due(custody.token_state(connection), keys, NORMALISER_VERSION)


def load_export(settings: Settings, file: discover.ExportFile) -> ledger.LoadOutcome:
    """Load one file; the same bytes again, or a file that has not changed since, are a no-op."""
    engine = warehouse.engine(settings, Role.LOADER)
    erasure.require_applied(settings, engine)
    keys = custody.held_keys(settings, engine)
    return load.load_file(engine, file, load_contracts(settings.contracts_dir), keys)


def check_loads(settings: Settings, only: Iterable[str] = ()) -> list[pending.PendingLoad]:
    """Audit every load not judged yet; each becomes accepted or rejected, and the rejected ones are returned.

    A source's owner is alerted of what is rejected or has warnings, once a cause, and when it has passed.
    """
    owner = warehouse.engine(settings)
    yardsticks.reopen_later_snapshots(owner, only)
    waiting = pending.pending_loads(owner, only)
    targets = [
        audit.LoadToAudit(item.load_id, item.source, item.kind, entity) for item in waiting for entity in item.entities
    ]
    sources = {source.source: source for source in read_sources(settings)}
    rejected = []
    unfit: dict[tuple[str, str], bool] = {}
    with audit.load_auditor(owner, targets, settings.expectations_dir) as audit_load:
        for item in waiting:
            source = sources[item.source]
            result = audit_load(item.load_id)
            if item.entities:
                ledger.record_audit(owner, result.verdict, len(result.checks), result.to_json(), load_id=item.load_id)
            export = next((export for export in source.exports if export.name == item.export), None)
            reason = yardsticks.deviation(owner, item, export) or _rejection(item, result, source)
            pending.judge_load(owner, item.load_id, "rejected" if reason else "accepted", reason or None)
            audited = result if item.entities else None
            is_told = notices.load_judged(settings, source, item.export, item.file_name, reason, audited)
            unfit[item.source, item.export] = unfit.get((item.source, item.export), False) or is_told
            if reason:
                rejected.append(pending.PendingLoad(**vars(item) | {"reason": reason}))
    for (name, export_name), is_unfit in unfit.items():
        if not is_unfit:
            notices.loads_are_fit(settings, sources[name], export_name)
    return rejected


def start_build(settings: Settings, as_of: datetime | None = None, *, full_refresh: bool = False) -> builds.Build:
    """Freeze the accepted loads and give the builder a slot. Refuses an `as_of` whose rows were compacted."""
    owner = warehouse.engine(settings)
    custody.require_settled(owner)
    erasure.require_applied(settings, owner)
    horizon.require_rows(owner, as_of)
    build = builds.freeze(owner, read_sources(settings), current_code(settings), as_of, full_refresh=full_refresh)
    publish.prepare_slot(owner, build.build_id)
    return build


def stage_sources(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: newest versions, conformed names, identity edges."""
    return _run_dbt(settings, build_id, "stage")


def resolve_identities(settings: Settings, build_id: int) -> identity.IdentitySummary:
    """Who is who among the build's records."""
    loader = warehouse.engine(settings, Role.LOADER)
    keys = custody.bind(loader, custody.held_keys(settings, loader), NORMALISER_VERSION)
    rules = identity.load_rules(settings.dbt_project_dir, keys.token_key)
    full = builds.order(warehouse.engine(settings), build_id).is_full_refresh
    return identity.resolve(warehouse.engine(settings, Role.BUILDER), build_id, rules, full=full)


def model_facts(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: touchpoints, episodes, dimensions and facts."""
    return _run_dbt(settings, build_id, "model")


def estimate_statistics(settings: Settings, build_id: int) -> None:
    """Resampling and fitting that SQL cannot do, from compact tables."""
    builder = warehouse.engine(settings, Role.BUILDER)
    estimates.run(builder, build_id)


def model_reports(settings: Settings, build_id: int) -> dbt.DbtResult:
    """dbt: the report marts. What no model makes any more is dropped, and so is what nobody needs of the change log."""
    result = _run_dbt(settings, build_id, "report")
    models, owner = dbt.models(settings, build_id), warehouse.engine(settings)
    publish.drop_strays(owner, [name for name, schema in models.items() if schema == "marts_next"])
    change_log.prune(owner, models)
    return result


def _run_dbt(settings: Settings, build_id: int, step: dbt.Step) -> dbt.DbtResult:
    owner = warehouse.engine(settings)
    code = fingerprints.shared_fingerprint(owner, build_id, settings.dbt_project_dir, _PACKAGE)
    return dbt.build(settings, build_id, builds.order(owner, build_id), step, code)


def audit_build(settings: Settings, build_id: int) -> audit.AuditResult:
    """Audit `marts_next`; raises AuditRefusedError, after the alert, unless the build is fit to publish."""
    owner = warehouse.engine(settings)
    result = judge_build(settings, build_id)
    ledger.record_audit(owner, result.verdict, len(result.checks), result.to_json(), build_id=build_id)
    notices.build_audited(settings, build_id, result)
    if not result.is_fit:
        raise AuditRefusedError(build_id, result)
    builds.set_state(owner, build_id, "audited")
    return result


def judge_build(settings: Settings, build_id: int, *, is_full: bool = False) -> audit.AuditResult:
    """What the audit of `marts_next` finds; nothing is entered and nobody is told."""
    owner = warehouse.engine(settings)
    if builds.order(owner, build_id).is_as_of:
        published = audit.Published(None, "the build is as of an earlier instant")
    else:
        published = audit.Published("marts") if builds.latest_publication(owner) else audit.NEVER
    result = audit.audit_marts(
        owner,
        build_id,
        settings.expectations_dir,
        published=published,
        kept_keys=dbt.kept_keys(settings, build_id),
        is_full=is_full,
    )
    return overrides.apply(owner, result)


def publish_build(settings: Settings, build_id: int) -> builds.Publication:
    """Make an audited build what readers see."""
    return publish.publish(warehouse.engine(settings), build_id)


def is_build_needed(settings: Settings) -> bool:
    """Whether anything is accepted, or coded, that the published build does not hold."""
    return builds.needs_build(warehouse.engine(settings), current_code(settings))


def current_code(settings: Settings) -> str:
    """Fingerprint of what shapes the marts: code, the tokens they were joined by, who was erased from under them."""
    code = fingerprints.code_fingerprint(settings.dbt_project_dir, _PACKAGE)
    with warehouse.engine(settings).connect() as connection:
        return code + custody.shape_of_rows(connection)


def _rejection(item: pending.PendingLoad, result: audit.AuditResult, source: Source) -> str:
    """Why the load must not be built upon; empty when it may."""
    if overdrawn := _overdrawn(item, source):
        return overdrawn
    if item.entities and not result.is_fit:
        worst = "; ".join(f"{check.check_id}: {check.observed}" for check in result.failing[:3])
        return f"its audit {result.verdict}: {worst}"
    return ""


def _overdrawn(item: pending.PendingLoad, source: Source) -> str:
    """Which error budget of the source the load exceeds; empty if none."""
    share, most = source.error_budget, source.error_budget_records
    aside = f"{item.held} of {item.records} records were set aside, more than the source's error budget of"
    # One bad record in a short file is no reason to hold back the rest.
    if item.held > max(1, share * item.records) or item.held == item.records > 0:
        return f"{aside} {share:.1%}"
    return f"{aside} {most} records" if most is not None and item.held > most else ""
