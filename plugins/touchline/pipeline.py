"""One run of everything new, without a scheduler: land → check → build → audit → publish."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from touchline import builds, ledger, steps, warehouse
from touchline.alerting import dispatch, notices
from touchline.errors import TouchlineError
from touchline.identity import IdentitySummary
from touchline.landing.discover import ExportFile
from touchline.landing.store_errors import LocationError
from touchline.locks import Lock
from touchline.mapping import Source
from touchline.settings import Settings

Progress = Callable[[str], None]


@dataclass
class RunSummary:
    """What one run did. `problems` are the reasons of a non-zero exit; nothing in it is a personal value."""

    started_at: datetime
    loads: list[ledger.LoadOutcome] = field(default_factory=list)
    known_files: int = 0
    passed_over: list[str] = field(default_factory=list)
    """Files that were not read, with the reason: unfinished, or leading outside the landing folder."""
    build: builds.Build | None = None
    identity: IdentitySummary | None = None
    audit_verdict: str | None = None
    audit_checks: int = 0
    is_published: bool = False
    """Whether this run's build was published; `publication` is what readers see after the run."""
    publication: builds.Publication | None = None
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    """What somebody may want to do about files seen again; no reason for a non-zero exit."""
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {"is_ok": self.is_ok, **asdict(self)}


def run(
    settings: Settings,
    *,
    only: Iterable[str] = (),
    as_of: datetime | None = None,
    full_refresh: bool = False,
    publish_earlier: bool = False,
    progress: Progress = lambda _: None,
) -> RunSummary:
    """Drain everything new and say what happened.

    A file or load that is refused does not stop the others; a failed build leaves what readers see untouched.
    With `as_of` the build is made as of that instant; it is not published over a later one unless asked.
    """
    summary = RunSummary(datetime.now(UTC))
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    if due := steps.check_keys(settings):
        progress(f"retokenise is due: {due}; `touchline retokenise` moves what is stored")
    _land(settings, summary, list(only), progress)
    if rejected := steps.check_loads(settings):
        summary.problems += [f"{item.file_name} was rejected: {item.reason}" for item in rejected]
    owner = warehouse.engine(settings)
    try:
        if full_refresh or as_of or steps.is_build_needed(settings):
            with warehouse.advisory_lock(owner, Lock.BUILD, "Another build of this warehouse is under way"):
                build = steps.start_build(settings, as_of, full_refresh=full_refresh)
                _build(settings, summary, build, publish_earlier, progress)
    except steps.AuditRefusedError as error:
        summary.audit_verdict, summary.audit_checks = error.result.verdict, len(error.result.checks)
        summary.problems.append(str(error))
    except TouchlineError as error:
        notices.build_failed(settings, summary.build.build_id if summary.build else None, error)
        summary.problems.append(str(error))
    if summary.is_ok:
        notices.run_ended_well(settings)
    dispatch.deliver(settings)
    summary.publication = builds.latest_publication(owner)
    summary.seconds = round((datetime.now(UTC) - summary.started_at).total_seconds(), 1)
    return summary


def _land(settings: Settings, summary: RunSummary, only: list[str], progress: Progress) -> None:
    outdated: dict[tuple[str, str], list[ledger.LoadOutcome]] = {}
    for source in steps.read_sources(settings, only):
        try:
            survey = steps.survey(settings, source)
        except LocationError as error:
            _postpone(settings, summary, source, error)
            continue
        is_all_fetched = True
        for file in survey.files:
            try:
                _load(settings, summary, file, outdated, progress)
            except LocationError as error:
                is_all_fetched = False
                _postpone(settings, summary, source, error)
        if is_all_fetched:
            notices.location_answers(settings, source)
        for waiting in survey.waiting:
            summary.passed_over.append(f"{waiting.name}: {waiting.reason}")
            progress(f"not read: {waiting.name} {waiting.reason}")
        outcomes = [load for load in summary.loads if load.source == source.source and load.state == "refused"]
        if outcomes:
            summary.hints.append(
                f"mend the refused files of {source.source}, or its mapping (`touchline check-export {source.source}"
                " <file>` tries it): the next run reads them again"
            )
            notices.files_refused(settings, source, outcomes)
        else:
            notices.no_file_refused(settings, source)
        summary.problems += [f"{outcome.file_name} was refused: {outcome.reason}" for outcome in outcomes]
    summary.hints += [_reload_hint(*key, loads) for key, loads in outdated.items()]


def _load(
    settings: Settings,
    summary: RunSummary,
    file: ExportFile,
    outdated: dict[tuple[str, str], list[ledger.LoadOutcome]],
    progress: Progress,
) -> None:
    outcome = steps.load_export(settings, file)
    if outcome.is_new:
        summary.loads.append(outcome)
        progress(f"{outcome.state} {outcome.file_name}: {outcome.loaded} of {outcome.records} records")
        return
    summary.known_files += 1
    if outcome.mapping_fingerprint != file.source.fingerprint(file.export):
        outdated.setdefault((outcome.source, outcome.export), []).append(outcome)


def _reload_hint(source: str, export: str, loads: list[ledger.LoadOutcome]) -> str:
    """The mapping of files read before was changed since: their rows are those of the old one."""
    files = loads[0].file_name if len(loads) == 1 else f"{len(loads)} files of {source}, {export},"
    verb = "was" if len(loads) == 1 else "were"
    return (
        f"{files} {verb} read by an earlier mapping: `touchline loads reload --source {source} --export {export}` reads"
        " them again; for records set aside alone, `touchline quarantine replay`"
    )


def _postpone(settings: Settings, summary: RunSummary, source: Source, error: LocationError) -> None:
    """A source that cannot be reached, or a file that cannot be had, does not keep the others waiting."""
    notices.location_failed(settings, source, error)
    summary.problems.append(str(error))


def _build(
    settings: Settings, summary: RunSummary, build: builds.Build, publish_earlier: bool, progress: Progress
) -> None:
    summary.build = build
    owner = warehouse.engine(settings)
    try:
        progress(f"build {build.build_id}: staging {build.loads} load(s)")
        steps.stage_sources(settings, build.build_id)
        progress(f"build {build.build_id}: resolving identities")
        summary.identity = steps.resolve_identities(settings, build.build_id)
        progress(f"build {build.build_id}: facts")
        steps.model_facts(settings, build.build_id)
        steps.estimate_statistics(settings, build.build_id)
        progress(f"build {build.build_id}: reports")
        steps.model_reports(settings, build.build_id)
        progress(f"build {build.build_id}: audit")
        result = steps.audit_build(settings, build.build_id)
    except Exception as error:
        builds.set_state(owner, build.build_id, "failed", str(error))
        raise
    summary.audit_verdict, summary.audit_checks = result.verdict, len(result.checks)
    if publish_earlier or not builds.is_later_published(owner, build.as_of):
        steps.publish_build(settings, build.build_id)
        summary.is_published = True
        progress(f"build {build.build_id}: published")
