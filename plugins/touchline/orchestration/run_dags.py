"""Everything once through Airflow, without its servers: ingest, build and report DAGs in one process of their own.

The process is a child, so that Airflow's environment, logging and imports stay out of the caller's. What it prints goes
to a log file; progress and the result come back through a pipe, one JSON document a line.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.orchestration import live
from touchline.orchestration.airflow_home import AirflowHome
from touchline.settings import Settings

Progress = Callable[[str], None]


@dataclass
class DagsSummary:
    """What one pass through the DAGs did. `states` is Airflow's view, `problems` the ledger's word on top of it."""

    states: dict[str, str] = field(default_factory=dict)
    new_loads: int = 0
    build_id: int | None = None
    published_build_id: int | None = None
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        return not self.problems


def run_once(settings: Settings, progress: Progress = lambda _: None) -> DagsSummary:
    """Run the ingest DAGs of all sources that have files, then the build and, after a publication, the reports.

    With nothing new no build is created. Raises TouchlineError when the live system runs (it would run the
    same tasks itself) or when the DAGs' process dies; what failed inside a DAG is in `problems`.
    """
    if live.is_up(settings):
        todo = "drop files into the landing folder and wait, or run `touchline down` first"
        raise TouchlineError("The live system is running; it takes up new files by itself", todo=todo)
    started = datetime.now(UTC)
    warehouse.ensure_server(settings)
    warehouse.migrate(settings)
    home = AirflowHome(settings)
    home.prepare()
    log = home.logs / "run_dags.log"
    progress(f"starting Airflow; its log is {log}")
    summary = _run_child(home, log, progress)
    summary.seconds = round((datetime.now(UTC) - started).total_seconds(), 1)
    return summary


def _run_child(home: AirflowHome, log: Path, progress: Progress) -> DagsSummary:
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "touchline.orchestration.dag_runs", str(writing)]
    with log.open("ab") as sink:
        child = subprocess.Popen(
            command, env=home.environment(), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, pass_fds=[writing]
        )
    os.close(writing)
    result = None
    try:
        with os.fdopen(reading, encoding="utf-8") as lines:
            for message in map(json.loads, lines):
                if "progress" in message:
                    progress(message["progress"])
                result = message.get("summary", result)
    finally:
        child.terminate()
        child.wait()
    if result is None:
        raise TouchlineError("Airflow's process ended before its DAGs had", where=str(log), todo="read the log")
    return DagsSummary(**result)
