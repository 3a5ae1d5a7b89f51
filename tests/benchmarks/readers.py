"""B8: how long readers take while builds are published ÷ on an idle warehouse, with a transaction open for a minute.

Usage: python tests/benchmarks/readers.py [--seconds 60] [--readers 2] [--rows 20000] [--pause 0.5] [--folder FOLDER]

Readers count three marts in one statement, again and again: first while nothing happens, then while builds are made and
published one after the other. Meanwhile another reader keeps a transaction open on a mart it has read. A third phase
makes builds without publishing them: what is left between it and the second is the publication's own.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests")]

import psycopg  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from sqlalchemy import Engine  # noqa: E402

from support.publishing import TABLES, Reader, make_build, reader_url  # noqa: E402
from touchline import publish, warehouse  # noqa: E402
from touchline.errors import TouchlineError  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

Found = tuple[list[float], int, int]
"""Seconds of each read, publications, builds that had to wait for the open reader."""


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of each phase, and of the open transaction")
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two publications")
    parser.add_argument("--folder", help="where the database is kept meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, _warehouse(Path(folder)) as settings:
        owner = warehouse.engine(settings)
        publish.publish(owner, make_build(settings, owner, options.rows))
        work: dict[str, Callable[[], bool]] = {
            "idle": lambda: False,
            "building": lambda: bool(make_build(settings, owner, options.rows)) and False,
            "publishing": lambda: _publish(settings, owner, options.rows),
        }
        phases = {name: _phase(settings, options, step) for name, step in work.items()}
    _print(phases)


def _publish(settings: Settings, owner: Engine, rows: int) -> bool:
    publish.publish(owner, make_build(settings, owner, rows))
    return True


def _phase(settings: Settings, options: argparse.Namespace, step: Callable[[], bool]) -> Found:
    """Read for a while, beside a step that is repeated and an open transaction."""
    readers = [Reader(reader_url(settings), options.rows) for _ in range(options.readers)]
    published = waited = 0
    with _open_transaction(settings, options.seconds):
        for reader in readers:
            reader.start()
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            try:
                published += step()
            except TouchlineError:
                waited += 1  # the open reader holds a table of the oldest slot: the build says so and is made again
            time.sleep(options.pause)
        for reader in readers:
            reader.stopped.set()
        for reader in readers:
            reader.join()
    if wrong := [*(error for reader in readers for error in reader.errors), *(r.mixed for r in readers if r.mixed)]:
        sys.exit(f"readers saw errors or mixed builds: {wrong[:3]}")
    return [seconds for reader in readers for seconds in reader.seconds], published, waited


@contextmanager
def _open_transaction(settings: Settings, seconds: float) -> Iterator[None]:
    """A reader that has read a mart and leaves its transaction open."""
    ready = threading.Event()

    def hold() -> None:
        with psycopg.connect(reader_url(settings)) as connection:
            connection.execute(f"select count(*) from marts.{TABLES[0]}")
            ready.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    yield
    holder.join()


@contextmanager
def _warehouse(folder: Path) -> Iterator[Settings]:
    server = EmbeddedServer(folder / "server")
    server.start()
    try:
        server.create_database("bench")
        settings = Settings(home=folder / "home", project_dir=ROOT, database_url=SecretStr(server.url("bench")))
        warehouse.migrate(settings)
        yield settings
    finally:
        server.stop("immediate")


def _print(phases: dict[str, Found]) -> None:
    print("| Phase | Reads | Publications | Builds that waited | p50 ms | p99 ms |\n|---|---|---|---|---|---|")
    p99 = {}
    for name, (seconds, published, waited) in phases.items():
        cuts = statistics.quantiles(seconds, n=100)
        p99[name] = cuts[98]
        print(f"| {name} | {len(seconds)} | {published} | {waited} | {cuts[49] * 1000:.1f} | {cuts[98] * 1000:.1f} |")
    print(f"\np99 publishing ÷ idle: {p99['publishing'] / p99['idle']:.2f}")
    print(f"p99 publishing ÷ building without publishing: {p99['publishing'] / p99['building']:.2f}")


if __name__ == "__main__":
    main()
