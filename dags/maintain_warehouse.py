"""Airflow DAG: every night, after the build: compact raw tables, forget old detail, vacuum; prune Airflow itself."""

from datetime import timedelta

from airflow.sdk import chain, dag

from touchline.orchestration import maintaining
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import Tag, dag_options

NIGHTLY = "30 4 * * *"
"""UTC; two hours after the nightly build."""

NOTES = """\
### Keeping the warehouse small

Removes older versions of raw rows once they are past their retention (`TOUCHLINE_KEEP_VERSIONS_DAYS`), rows of loads
that builds no longer use, detail of old builds and audits, and Airflow's own old runs and logs. Owner: data-platform.

- **May be ignored:** tries that find a build under way; they are repeated. Most nights nothing is due: versions become
  due once a month.
- **Wakes someone:** nobody at night. What was not done is done by the next run; the marts do not depend on it.
- **Where to look:** the task's log; `ops.compactions` says what was removed and when. The same by hand:
  `touchline maintain`. See `docs/maintenance.md`.
"""

options = dag_options(due_after=timedelta(hours=6))
options["default_args"] |= {"on_failure_callback": alert_failure, "on_success_callback": clear_failure}


@dag(
    dag_id="maintain_warehouse",
    description="Compact raw tables, forget old detail, vacuum",
    schedule=NIGHTLY,
    tags=[Tag.MAINTAIN],
    doc_md=NOTES,
    **options,
)
def maintain_warehouse() -> None:
    chain(maintaining.compact_warehouse(), maintaining.prune_airflow())


maintain_warehouse()
