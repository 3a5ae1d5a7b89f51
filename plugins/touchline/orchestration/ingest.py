"""The DAG of one source: find its new exports, load them, judge the loads, ring for a build."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.orchestration import assets
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import Tag, dag_options
from touchline.settings import get_settings

NOTES = """\
### {description}

Loads the exports of **{source}** ({kind}) from {place} and rings for a build. Owner: {owner}.

- **May be ignored:** runs of which everything after `find_exports` is skipped (nothing new), and a red
  `find_exports` or `load_exports` that a later try made green: loading the same bytes again is a no-op.
- **Wakes someone:** a red `confirm_loads`. A file was refused, a load was rejected, or a task failed for good;
  one alert has been sent to the owner. What was accepted is built upon all the same.
- **Where to look:** the log of `confirm_loads` names files and reasons; `touchline quarantine list` shows the
  records set aside; schema `ops` holds every load with its counts. See `docs/runbook.md`.
- **A refused file** is read again once it or the mapping has changed; nobody has to clear anything.
"""

DUE_AFTER = timedelta(hours=2)
"""A run that takes longer is told of."""
SETTLING = "A file changed more recently may still be being written; it is left to the next run"


def ingest_source(source: Source) -> DAG:
    """The DAG `ingest_<source>`; everything in it comes from the source's YAML file."""
    options = dag_options(DUE_AFTER, source.owner)

    @dag(
        dag_id=f"ingest_{source.source}",
        description=source.description,
        schedule=source.schedule,
        tags=[Tag.INGEST, Tag(source.kind)],
        doc_md=NOTES.format_map(vars(source) | {"place": source.location or "the landing folder"}),
        params={"settle_seconds": Param(5, type="number", minimum=0, description=SETTLING)},
        **options,
    )
    def ingest() -> None:
        found: Any = find_exports(source.source)
        load: Any = load_exports.override(pool=get_settings().landing_pool)
        loaded: Any = load.partial(source=source.source).expand(names=found)
        rejected: Any = check_loads(source.source)
        announced = announce_loads.override(outlets=assets.raw_assets([source]))()
        confirmed = confirm_loads(source.source, found, loaded, rejected)
        loaded >> rejected >> announced >> confirmed

    return ingest()


@task.short_circuit(on_failure_callback=alert_failure, on_success_callback=clear_failure)
def find_exports(source: str) -> list[list[str]]:
    """File names to load, in batches; the run ends here when there are none."""
    from touchline import steps
    from touchline.alerting import notices
    from touchline.orchestration import polling

    settings = get_settings()
    found = polling.find_work(settings, source, get_current_context()["params"]["settle_seconds"])
    notices.location_answers(settings, steps.read_sources(settings, [source])[0])
    return polling.batches(found)


@task
def load_exports(source: str, names: list[str]) -> list[dict[str, Any]]:
    """Load the files of one batch; returns those refused, for the alert."""
    from touchline import steps
    from touchline.orchestration import polling
    from touchline.orchestration.connections import connect

    settings = get_settings()
    files = polling.pick(steps.find_exports(settings, [source], connect=connect(settings)), names)
    outcomes = [steps.load_export(settings, file) for file in files]
    return [asdict(outcome) for outcome in outcomes if outcome.state == "refused"]


@task(trigger_rule=TriggerRule.ALL_DONE)
def check_loads(source: str) -> list[str]:
    """Judge every load of the source that waits; returns what was rejected and why."""
    from touchline import steps

    rejected = steps.check_loads(get_settings(), [source])
    return [f"{item.file_name}: {item.reason}" for item in rejected]


@task
def announce_loads() -> None:
    """Emit the raw assets when the ledger has accepted loads that no published build holds."""
    from touchline import steps

    if not steps.is_build_needed(get_settings()):
        raise AirflowSkipException("no accepted load waits for a build")


@task(
    trigger_rule=TriggerRule.ALL_DONE,
    retries=0,
    on_failure_callback=alert_failure,
    on_success_callback=clear_failure,
)
def confirm_loads(
    source: str, batches: list[list[str]] | None, refused: list[list[dict[str, Any]]], rejected: list[str] | None
) -> None:
    """Fail the run if anything was refused, rejected or not done, so that no green run hides it."""
    from touchline import steps
    from touchline.alerting import notices
    from touchline.ledger import LoadOutcome
    from touchline.orchestration import polling

    if batches is None:
        raise AirflowFailException("find_exports failed and has told so")
    settings = get_settings()
    done = refused[:]  # one request; iterating would ask for one more than there are, and log an error
    outcomes = [LoadOutcome(**outcome) for batch in done for outcome in batch]
    if outcomes:
        notices.files_refused(settings, steps.read_sources(settings, [source])[0], outcomes)
    elif not polling.has_refused(settings, source):
        notices.no_file_refused(settings, steps.read_sources(settings, [source])[0])
    if (missing := len(batches) - len(done)) or rejected is None:
        raise TouchlineError(
            f"{missing} of {len(batches)} load task(s) failed" if missing else "The loads could not be checked",
            where=f"source {source}",
            todo="read the failed task's log; the next run loads and checks what is missing",
        )
    if problems := [f"{outcome.file_name}: {outcome.reason}" for outcome in outcomes] + rejected:
        raise AirflowFailException("; ".join(problems))
