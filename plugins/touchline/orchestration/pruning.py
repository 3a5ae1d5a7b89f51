"""Forgets Airflow's own past: its run history, and the logs of its components and tasks. Imports no airflow."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.orchestration.airflow_home import DATABASE, AirflowHome
from touchline.settings import Settings


def prune_airflow(settings: Settings, at: datetime | None = None) -> str:
    """Forget runs and logs older than `keep_airflow_days`; what was done, in words.

    Leaves an Airflow alone that is not this state folder's: its database has another log-in. Raises TouchlineError.
    """
    home = AirflowHome(settings)
    if not home.folder.is_dir():
        return "no Airflow in this state folder"
    before = (at or datetime.now(UTC)) - timedelta(days=settings.keep_airflow_days)
    _clean_database(home, before)
    return f"{_remove_old_logs(home.logs, before)} logs from before {before:%F} removed, run history cleaned"


def _clean_database(home: AirflowHome, before: datetime) -> None:
    command = [sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive"]
    command += ["--clean-before-timestamp", before.isoformat()]
    done = subprocess.run(
        command, env=home.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise TouchlineError(f"Airflow's run history could not be cleaned: {tail}", where=f"database {DATABASE}")


def _remove_old_logs(folder: Path, before: datetime) -> int:
    """Remove log files that were written last before an instant, and folders left empty; how many files."""
    old = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
        for parent in path.parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    return len(old)
