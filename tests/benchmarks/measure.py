"""Measures work in a process of its own: wall clock, CPU of it and of the database's sessions, peak memory."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One run. Seconds and MiB; `server_cpu` is what the session of the database spent."""

    wall: float
    client_cpu: float
    server_cpu: float
    peak_mib: float

    @property
    def cpu(self) -> float:
        return self.client_cpu + self.server_cpu


@dataclass(frozen=True)
class Figure:
    """Median, least and most of several runs."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def measured(work: Callable[[], None], session: Callable[[], int]) -> Measured:
    """Run `work` here. `session` gives the process id of the database session that serves it, before and after."""
    server = _process_cpu(session())
    usage = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    work()
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    client = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return Measured(wall, client, _process_cpu(session()) - server, after.ru_maxrss / 1024)


def in_own_process(arguments: Sequence[str]) -> Measured:
    """Run this package's worker with these arguments; nothing of an earlier run is left in its memory."""
    command = [sys.executable, str(Path(__file__).with_name("worker.py")), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def report(found: Measured) -> None:
    """Hand a measurement to the process that asked for it."""
    print(json.dumps(asdict(found)))


def server_cpu(backend: int) -> float:
    """Seconds that the database server of a session has spent, in all its processes that are and were."""
    main = int(_status(backend)[1])
    while True:
        try:
            return _server_cpu(main)
        except FileNotFoundError:  # a process ended after it was listed
            continue


def _server_cpu(main: int) -> float:
    living = [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()]
    ended = sum(map(int, _status(main)[13:15])) / _TICKS
    return ended + sum(map(_process_cpu, [main, *living]))


def _process_cpu(pid: int) -> float:
    return sum(map(int, _status(pid)[11:13])) / _TICKS


def _status(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat behind the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
