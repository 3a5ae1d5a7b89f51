"""Runs DAGs one after the other in this process, and asks the ledger what really became of them."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import text

from touchline import builds, steps, warehouse
from touchline.orchestration.run_dags import DagsSummary
from touchline.settings import Settings, get_settings

if TYPE_CHECKING:
    from airflow.sdk import DAG

_NEW_LOADS = text(
    "select file_name, state, reason from ops.loads"
    " where finished_at >= :since and state <> 'superseded' order by load_id"
)
_LAST_BUILD = text(
    "select build_id, state, reason from ops.builds where frozen_at >= :since order by build_id desc limit 1"
)


class DagRuns:
    """One pass through the DAGs of the configured folder; needs Airflow's environment (see `airflow_home`)."""

    def __init__(self, settings: Settings, progress: Callable[[str], None]) -> None:
        from airflow.dag_processing.dagbag import DagBag

        self.settings = settings
        self.progress = progress
        self.started = datetime.now(UTC)
        self.summary = DagsSummary()
        bag = DagBag(str(settings.project_dir / "dags"))
        self.dags: dict[str, DAG] = bag.dags
        self.summary.problems += [f"{file} cannot be read: {error}" for file, error in bag.import_errors.items()]

    def run(self) -> DagsSummary:
        """Ingest what has files, build, and render the reports of a new publication, or missing ones."""
        before = builds.latest_publication(warehouse.engine(self.settings))
        for source in dict.fromkeys(file.source.source for file in steps.find_exports(self.settings)):
            # The files are all there: nobody is still writing them.
            self._run_dag(f"ingest_{source}", {"settle_seconds": 0})
        self._tell_loads()
        self._run_dag("build_warehouse")
        self._tell_build()
        after = builds.latest_publication(warehouse.engine(self.settings))
        self.summary.published_build_id = after.build_id if after else None
        if after and (after != before or not any(self.settings.reports_dir.glob("*.html"))):
            self._run_dag("publish_reports")
        return self.summary

    def _run_dag(self, dag_id: str, conf: dict[str, int] | None = None) -> None:
        from airflow.sdk import TaskInstanceState

        dag = self.dags.get(dag_id)
        if dag is None:
            self.summary.problems.append(f"There is no DAG {dag_id}")
            return
        attend(dag)
        run = dag.test(run_conf=conf)
        tasks = run.get_task_instances()
        failed = sorted({task.task_id for task in tasks if task.state == TaskInstanceState.FAILED})
        self.summary.states[dag_id] = str(run.state)
        self.progress(f"{dag_id}: {run.state}")
        if failed or run.state != "success":
            self.summary.problems.append(f"{dag_id} ended {run.state}; failed: {', '.join(failed) or 'no task'}")

    def _tell_loads(self) -> None:
        with warehouse.engine(self.settings).connect() as connection:
            loads = connection.execute(_NEW_LOADS, {"since": self.started}).all()
        self.summary.new_loads = len(loads)
        bad = [load for load in loads if load.state != "accepted"]
        self.summary.problems += [f"{load.file_name} is {load.state}: {load.reason or 'not judged'}" for load in bad]

    def _tell_build(self) -> None:
        with warehouse.engine(self.settings).connect() as connection:
            build = connection.execute(_LAST_BUILD, {"since": self.started}).first()
        if build is None:
            return
        self.summary.build_id = build.build_id
        if build.state != "published":
            reason = build.reason or "no reason was given"
            self.summary.problems.append(f"Build {build.build_id} is {build.state}: {reason}")


def attend(dag: "DAG") -> None:
    """A person is waiting: what fails is told at once, and nobody has to be told that it takes long."""
    from airflow.sdk.definitions.mappedoperator import MappedOperator

    # Airflow's `DAG.test` breaks on a deadline, too: it looks for one that only a scheduler has written.
    dag.deadline = None
    for task in dag.tasks:
        if isinstance(task, MappedOperator):
            task.partial_kwargs["retries"] = 0
        else:
            task.retries = 0


def _main(channel: IO[str]) -> None:
    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    summary = DagRuns(get_settings(), lambda text: tell({"progress": text})).run()
    tell({"summary": asdict(summary)})


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as pipe:
        _main(pipe)
