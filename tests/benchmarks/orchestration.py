"""What Airflow adds: a live scheduler runs a DAG of the build's shape whose tasks do nothing but take a stated time.

Share = (wall of the run - work) / wall. The wall runs from the moment the run was queued to its end, so that waiting
for a slot, starting each task's process, its callbacks' words to the warehouse and the scheduler's pace are all in it.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from touchline.orchestration import live
from touchline.orchestration.airflow_home import metadata_url
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DAG = '''
"""An Airflow DAG of the shape of build_warehouse: eight tasks, one after the other."""
import time
from datetime import datetime, timedelta
from airflow.sdk import chain, dag, task
from touchline.orchestration.building import STEPS
from touchline.orchestration.callbacks import alert_failure, clear_failure
from touchline.orchestration.defaults import dag_options

NAMES = ("start_build", *STEPS, "audit_build", "publish_build")
options = dag_options(due_after=timedelta(hours=4))
options["default_args"] |= {{"on_failure_callback": alert_failure, "on_success_callback": clear_failure}}

@dag(dag_id="stretched", schedule="@once", start_date=datetime(2020, 1, 1), **options)
def stretched():
    @task
    def work():
        time.sleep({seconds} / len(NAMES))
    chain(*(work.override(task_id=name)() for name in NAMES))

stretched()
'''
_ENDED = text("""
    select state, extract(epoch from end_date - queued_at) as wall, extract(epoch from start_date - queued_at) as queued
    from dag_run where dag_id = 'stretched' and end_date is not null
""")


def run(seconds: float, port: int) -> tuple[float, float]:
    """Wall and time in the queue, in seconds, of one run of so much work in a live system of its own."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-benchmark-"))
    folder.chmod(0o711)
    project = folder / "project"
    (project / "dags" / "sources").mkdir(parents=True)
    for name in ("dbt_project", "expectations"):
        (project / name).symlink_to(ROOT / name)
    (project / "dags" / "stretched.py").write_text(DAG.format(seconds=seconds), encoding="utf-8")
    settings = Settings(home=folder / "home", project_dir=project)
    try:
        live.up(settings, port=port)
        engine = create_engine(metadata_url(settings))
        while True:
            with engine.connect() as connection:
                ended = connection.execute(_ENDED).first()
            if ended is not None:
                break
            time.sleep(1)
        engine.dispose()
    finally:
        live.down(settings)
        shutil.rmtree(folder)
    if ended.state != "success":
        sys.exit(f"the run ended {ended.state}")
    return float(ended.wall), float(ended.queued)


def main() -> None:
    """Print wall, overhead and share of each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="work of a run, shared by its tasks")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--port", type=int, default=8090)
    given = parser.parse_args()
    print(f"{'work s':>8} {'wall s':>8} {'queued s':>8} {'added s':>8} {'share':>7}   target at 300 s of work: 10 %")
    for _ in range(given.runs):
        wall, queued = run(given.seconds, given.port)
        added = wall - given.seconds
        print(f"{given.seconds:8.0f} {wall:8.1f} {queued:8.1f} {added:8.1f} {added / wall:7.1%}", flush=True)


if __name__ == "__main__":
    main()
