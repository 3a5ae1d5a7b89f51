"""B1: landing and load beside a bare COPY of the same file, side by side in one run.

Usage: python tests/benchmarks/run.py [--records 2000000] [--runs 3] [--sample 100000] [--folder FOLDER] [--no-dlt]
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

import dlt_way  # noqa: E402
from exports import KINDS, write_export  # noqa: E402
from measure import Figure, Measured, in_own_process  # noqa: E402
from pydantic import SecretStr  # noqa: E402

from touchline import warehouse  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

SLOW_WAYS = ("csv-copy-rows", "csv-executemany", "pandas-to-sql")
"""Measured on a sample and scaled by the number of records; their cost grows with it in proportion."""


@dataclass(frozen=True)
class Line:
    """One way on one export; seconds for the whole file."""

    export: str
    way: str
    runs: list[Measured]
    scale: float = 1.0

    def figure(self, name: str) -> Figure:
        values = [float(getattr(run, name)) for run in self.runs]
        return Figure.of([value * (1.0 if name == "peak_mib" else self.scale) for value in values])


def main() -> None:
    """Measure, print."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, _server(Path(folder)) as server:
        lines = list(_measure(Path(folder), server, options.records, options.runs, options.sample))
        dlt = "left out" if options.no_dlt else dlt_way.environment(Path(folder))
        if isinstance(dlt, Path):
            lines += _measure_dlt(Path(folder), server, dlt, options.records, options.runs)
    _print(lines, options.records)
    if isinstance(dlt, str):
        print(f"dlt: not measured ({dlt})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sample", type=int, default=100_000, help="records for the slow ways; 0 leaves them out")
    parser.add_argument("--no-dlt", action="store_true", help="do not install and measure dlt")
    parser.add_argument("--folder", help="where files and database are kept meanwhile")
    return parser.parse_args()


@contextmanager
def _server(folder: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(folder / "home")
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")


def _measure(folder: Path, server: EmbeddedServer, records: int, runs: int, sample: int) -> Iterator[Line]:
    for kind in KINDS:
        path = folder / f"{kind}.csv"
        write_export(path, kind, records)
        ways = ["touchline"] if kind == "bad" else ["bare", "bare-raw", "touchline"]
        found: dict[str, list[Measured]] = {way: [] for way in ways}
        # Turn by turn, so that a slow minute of the machine does not fall on one way alone.
        for _ in range(runs):
            for way in ways:
                found[way].append(_run(server, folder, way, path))
        yield from (Line(kind, way, measured) for way, measured in found.items())
        path.unlink()
    if sample:
        path = folder / "sample.csv"
        write_export(path, "clean", sample)
        for way in SLOW_WAYS:
            yield Line("clean", way, [_run(server, folder, way, path) for _ in range(runs)], records / sample)


def _measure_dlt(folder: Path, server: EmbeddedServer, python: Path, records: int, runs: int) -> Iterator[Line]:
    path = folder / "clean.csv"
    write_export(path, "clean", records)
    found = []
    for number in range(runs):
        print(f"dlt {path.name}", file=sys.stderr, flush=True)
        server.create_database("measure_dlt")
        try:
            found.append(dlt_way.run(python, server.url("measure_dlt"), path, folder / f"dlt_{number}"))
        finally:
            _drop(server, "measure_dlt")
    path.unlink()
    yield Line("clean", "dlt", found)


def _run(server: EmbeddedServer, folder: Path, way: str, path: Path) -> Measured:
    """One run in a new process, in a new database."""
    print(f"{way} {path.name}", file=sys.stderr, flush=True)
    name = f"measure_{way.replace('-', '_')}"
    server.create_database(name)
    url = server.url(name)
    if way == "touchline":
        warehouse.migrate(Settings(home=folder / "home", project_dir=ROOT, database_url=SecretStr(url)))
    try:
        return in_own_process([way, url, str(path), str(folder / "home")])
    finally:
        _drop(server, name)


def _drop(server: EmbeddedServer, name: str) -> None:
    from sqlalchemy import create_engine, text

    owner = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
        # Otherwise the writing of one run's pages falls on the next.
        connection.execute(text("checkpoint"))
    owner.dispose()


def _print(lines: list[Line], records: int) -> None:
    print(f"{records} records. Seconds: median (least to most) of the runs; CPU = client + database session.\n")
    print(f"{'export':<8} {'way':<16} {'wall s':<22} {'CPU s':<22} {'of it client s':<22} {'peak MiB':<10}")
    for line in lines:
        note = "  scaled" if line.scale != 1 else ""
        wall, cpu, client = (str(line.figure(name)) for name in ("wall", "cpu", "client_cpu"))
        peak = f"{line.figure('peak_mib').most:.0f}"
        print(f"{line.export:<8} {line.way:<16} {wall:<22} {cpu:<22} {client:<22} {peak:<10}{note}")
    print("\nRatios of the medians, by CPU and by wall:")
    for base in ("bare", "bare-raw"):
        for line in lines:
            if line.way.startswith("bare"):
                continue
            # COPY refuses a file with bad records; it is compared with COPY of the clean one.
            export = "clean" if line.export == "bad" else line.export
            other = next(item for item in lines if item.way == base and item.export == export)
            cpu, wall = (line.figure(name).median / other.figure(name).median for name in ("cpu", "wall"))
            print(f"{line.way} / {base}, {line.export}: {cpu:.2f} CPU, {wall:.2f} wall")


if __name__ == "__main__":
    main()
