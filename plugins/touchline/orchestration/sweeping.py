"""The tasks of the nightly sweep: what fell through between the runs is found, judged or told of."""

from airflow.sdk import task
from sqlalchemy import text

from touchline.settings import get_settings

SETTLED_SECONDS = 3600.0
"""What is younger is a run's at work."""

_UNJUDGED = text("""
    select distinct source from ops.loads
    where state = 'loaded' and finished_at < now() - make_interval(secs => :seconds) order by source
""")
_UNDELIVERED = text("""
    select count(*) from ops.outbox where closed_at is null and created_at < now() - make_interval(secs => :seconds)
""")


@task
def judge_forgotten_loads() -> dict[str, int]:
    """Judge loads whose run ended between loading and judging; rejected ones by source."""
    from touchline import steps, warehouse

    settings = get_settings()
    with warehouse.engine(settings).connect() as connection:
        sources = connection.scalars(_UNJUDGED, {"seconds": SETTLED_SECONDS}).all()
    found = dict.fromkeys(sources, 0)
    for item in steps.check_loads(settings, sources) if sources else ():
        found[item.source] += 1
    return found


@task
def find_forgotten_files() -> dict[str, int]:
    """Tell of files that a source's own DAG ought to have loaded by now; how many, by source."""
    from touchline import steps
    from touchline.alerting import notices
    from touchline.landing.store_errors import LocationError
    from touchline.orchestration import polling

    settings = get_settings()
    found = {}
    # Nobody polls a source without a schedule; its files wait for a person.
    for source in (source for source in steps.read_sources(settings) if source.schedule):
        try:
            waiting = polling.new_files(settings, source.source, SETTLED_SECONDS)
        except LocationError:
            continue  # its own DAG tells of it
        notices.left_behind(settings, source, waiting)
        found[source.source] = len(waiting)
    return found


@task(retries=0)
def find_undelivered_alerts() -> None:
    """Fail while an alert has waited for more than an hour: no channel can tell it, so the run has to."""
    from touchline import warehouse
    from touchline.errors import TouchlineError

    with warehouse.engine(get_settings()).connect() as connection:
        count = connection.scalar(_UNDELIVERED, {"seconds": SETTLED_SECONDS})
    if count:
        todo = "see the channels in TOUCHLINE_ALERT_ROUTES and `touchline incidents list`"
        raise TouchlineError(f"{count} alert(s) have reached nobody", where="ops.outbox", todo=todo)
