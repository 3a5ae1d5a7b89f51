"""Airflow DAG: every night, before the build: loads nobody judged, files nobody loaded, alerts nobody got."""

from datetime import timedelta

from airflow.sdk import chain, dag

from touchline.orchestration import sweeping
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import Tag, dag_options

NIGHTLY = "30 1 * * *"
"""UTC; an hour before the nightly build, which takes up what is judged here."""

NOTES = """\
### What fell through

Judges loads whose run ended before it came to that, tells of files that a source's DAG ought to have loaded, and turns
red while alerts wait for a channel. The nightly build takes up accepted loads whose bell was lost.
Owner: data-platform.

- **May be ignored:** green runs; most nights nothing is found.
- **Wakes someone:** nobody at night. `find_undelivered_alerts` red: no alert gets out; look at once.
- **Where to look:** `touchline incidents list` shows `left-behind` by source; the tasks' return values count what was
  found. See `docs/runbook.md`.
"""

options = dag_options(due_after=timedelta(hours=1))
options["default_args"] |= {"on_failure_callback": alert_failure, "on_success_callback": clear_failure}


@dag(
    dag_id="sweep_warehouse",
    description="Find what fell through: loads, files, alerts",
    schedule=NIGHTLY,
    tags=[Tag.MAINTAIN],
    doc_md=NOTES,
    **options,
)
def sweep_warehouse() -> None:
    chain(sweeping.judge_forgotten_loads(), sweeping.find_forgotten_files(), sweeping.find_undelivered_alerts())


sweep_warehouse()
