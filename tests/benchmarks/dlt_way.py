"""dlt beside the others. It is no dependency of the project: it gets an environment of its own, made for the run."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
from measure import Measured, server_cpu
from sqlalchemy.engine import make_url

REQUIREMENTS = ("dlt[postgres]==1.31.0", "pyarrow==26.0.1")


def environment(folder: Path) -> Path | str:
    """The Python of a new environment with dlt, or why there is none."""
    python = folder / "dlt" / "bin" / "python"
    steps = [
        [sys.executable, "-m", "venv", str(folder / "dlt")],
        [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS],
    ]
    for step in steps:
        done = subprocess.run(step, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return f"{' '.join(step[1:4])} … failed: {last}"
    return python


def run(python: Path, url: str, path: Path, folder: Path) -> Measured:
    """One load; CPU of the database is that of all its processes, for dlt opens several sessions."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        before = server_cpu(connection.info.backend_pid)
        # dlt wants a host by name; the socket's folder in the query stands above it.
        named = make_url(plain).set(host="localhost").render_as_string(hide_password=False)
        command = [str(python), str(Path(__file__).with_name("dlt_worker.py")), named, str(path), str(folder)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        spent = server_cpu(connection.info.backend_pid) - before
    return replace(Measured(**json.loads(done.stdout.splitlines()[-1])), server_cpu=spent)
