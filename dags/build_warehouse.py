"""Airflow DAG: when raw assets change, and nightly: stage → resolve → model → audit → publish."""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, chain, dag

from touchline.orchestration import building
from touchline.orchestration.assets import APPROVALS, raw_assets
from touchline.orchestration.callbacks import clear_failure, close_build
from touchline.orchestration.defaults import Tag, configured_sources, dag_options

NIGHTLY = "30 2 * * *"
"""UTC. The sweep finds what a lost asset event has left behind."""

NOTES = """\
### From accepted loads to published marts

Builds everything the ledger says is new, audits it in the schema `marts_next` and swaps it in. Owner: data-platform.

- **May be ignored:** runs that end skipped after `start_build` (nothing new: another run took it along), and tries
  of `start_build` that wait for a required source or for a build from the command line.
- **Wakes someone:** a task red for good; one alert has been sent. Readers still see the last good build.
- **Where to look:** `audit_build` red: the alert names suites, checks and failing keys. A dbt task red: the log names
  the models, `dbt.log` in the state folder the rest. `touchline status` shows the builds. See `docs/runbook.md`.
- **To run again:** mend the cause and trigger this DAG. Tasks may be cleared, too, while the slot is still the build's;
  a task that finds another build there refuses to work.
- **Another instant, or everything anew:** trigger it with `as_of` or `full_refresh`. Exports of years ago need neither:
  drop the files, every run drains what is there.
- **To go back:** `touchline rollback`.
"""

options = dag_options(due_after=timedelta(hours=4))
options["default_args"] |= {"on_failure_callback": close_build, "on_success_callback": clear_failure}


@dag(
    dag_id="build_warehouse",
    description="Build, audit and publish the marts",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(NIGHTLY, timezone="UTC"),
        assets=AssetAny(APPROVALS, *raw_assets(configured_sources())),
    ),
    tags=[Tag.BUILD],
    params=building.PARAMS,
    doc_md=NOTES,
    **options,
)
def build_warehouse() -> None:
    build_id: Any = building.start_build()
    chain(*building.run_steps(build_id), building.audit_build(build_id), building.publish_build(build_id))


build_warehouse()
