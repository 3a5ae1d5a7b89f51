"""B2: what a build costs when little is new, on a short and on a long history, in one run.

Usage: python tests/benchmarks/builds.py [--touches 1000000] [--days 3] [--folder FOLDER]

The days of a history of 900 days and `touches` are built one by one, and so are those of its first tenth; a day is
as large in both. The builds before those that are measured put every slot to use; then all is vacuumed, for what
autovacuum owes to a table made in full is no part of a day. Not measured: audits (B5) and Airflow (B4).
"""

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

from history import History, draw, write_sources  # noqa: E402
from measure import server_cpu  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from rows_read import ModelReads, explained, of_models  # noqa: E402
from sqlalchemy import text  # noqa: E402

from touchline import builds, dbt, publish, steps, warehouse  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

LONG, SHORT = 900, 90
"""Days of the two histories."""
STEPS: dict[str, Callable[[Settings, int], object]] = {
    "stage": steps.stage_sources,
    "resolve": steps.resolve_identities,
    "model": steps.model_facts,
    "estimate": steps.estimate_statistics,
    "report": steps.model_reports,
}


@dataclass
class Cost:
    """Seconds; `server` is the CPU of the whole database server."""

    wall: float = 0.0
    client: float = 0.0
    server: float = 0.0

    @property
    def cpu(self) -> float:
        return self.client + self.server

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.client + other.client, self.server + other.server)


@dataclass
class Build:
    """What one build cost, by step; `load` is landing and loading."""

    build_id: int
    costs: dict[str, Cost] = field(default_factory=dict)

    def total(self, name: str) -> float:
        return float(getattr(sum(self.costs.values(), Cost()), name))


class Bench:
    """A warehouse that is given a history in parts."""

    def __init__(self, settings: Settings, history: History, log: Path) -> None:
        self.settings, self.history, self.log = settings, history, log
        self.owner = warehouse.engine(settings)
        with self.owner.connect() as connection:
            self.backend = int(connection.scalar(text("select pg_backend_pid()")))

    def add(self, first: int, stop: int) -> Build:
        """Load the exports of these days, build and publish."""
        self.history.write(self.settings.landing_dir, first, stop)
        loading = self.measured(self.load)
        build = self.build()
        build.costs = {"load": loading, **build.costs}
        print(f"days {first} to {stop}: {build.total('wall'):.1f} s", file=sys.stderr, flush=True)
        return build

    def build(self) -> Build:
        """Build what is loaded and publish it."""
        build = Build(steps.start_build(self.settings).build_id)
        for name, step in STEPS.items():
            build.costs[name] = self.measured(lambda step=step: step(self.settings, build.build_id))  # type: ignore[misc]
        build.costs["publish"] = self.measured(lambda: self.publish(build.build_id))
        return build

    def results(self, build_id: int, kind: str) -> list[dict[str, Any]]:
        """What dbt says of this build's nodes of one kind (model, test, seed), in the order in which they ended."""
        folder = self.settings.home / "dbt" / f"build_{build_id}"
        made = [json.loads((folder / step / "run_results.json").read_text("utf-8")) for step in get_args(dbt.Step)]
        nodes = [node for step in made for node in step["results"]]
        return [node for node in nodes if node["unique_id"].partition(".")[0] == kind]

    def manifest(self, build_id: int) -> dict[str, Any]:
        """What dbt knows of each node, by its name in the graph."""
        path = self.settings.home / "dbt" / f"build_{build_id}" / "manifest.json"
        nodes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["nodes"]
        return nodes

    def slowest(self, build_id: int, count: int = 5) -> list[tuple[float, str]]:
        """Models of one build by dbt's own timing: seconds and name."""
        found = [(r["execution_time"], r["unique_id"].split(".")[-1]) for r in self.results(build_id, "model")]
        return sorted(found, reverse=True)[:count]

    def rows_read(self, first: int, stop: int) -> list[ModelReads]:
        """What the models kept by key read in the build of these days, worst first; plans cost time of their own."""
        with explained(self.owner, self.log) as found:
            build = self.add(first, stop)
        return of_models(self.owner, build.build_id, self.manifest(build.build_id), found)

    def load(self) -> None:
        for file in steps.find_exports(self.settings):
            outcome = steps.load_export(self.settings, file)
            assert outcome.state in ("loaded", "accepted"), outcome
        with self.owner.begin() as connection:
            connection.execute(text("update ops.loads set state = 'accepted' where state = 'loaded'"))

    def publish(self, build_id: int) -> None:
        builds.set_state(self.owner, build_id, "audited")
        publish.publish(self.owner, build_id)

    def settle(self) -> None:
        """Vacuum all tables, as a server left alone would in time."""
        with self.owner.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("vacuum (analyze)"))

    def measured(self, work: Callable[[], object]) -> Cost:
        client, server, begun = _client_cpu(), server_cpu(self.backend), time.perf_counter()
        work()
        wall = time.perf_counter() - begun
        return Cost(wall, _client_cpu() - client, server_cpu(self.backend) - server)


def _client_cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def bench(folder: Path, server: EmbeddedServer, name: str, history: History) -> Bench:
    """A warehouse of its own."""
    server.create_database(name)
    home = folder / name
    made = Settings(home=home, project_dir=ROOT, database_url=SecretStr(server.url(name)), sources=home / "sources")
    made.landing_dir.mkdir(parents=True)
    write_sources(made.sources_dir)
    warehouse.migrate(made)
    return Bench(made, history, server.log)


def measure_days(folder: Path, server: EmbeddedServer, touches: int, days: int) -> None:
    """B2: days on top of a short and of a long history, which take turns: the machine's speed changes by the minute."""
    both = {length: _settled(folder, server, touches, length, days) for length in (SHORT, LONG)}
    costs: dict[int, list[Build]] = {SHORT: [], LONG: []}
    for day in range(1, days + 1):
        for length in (SHORT, LONG) if day % 2 else (LONG, SHORT):
            build = both[length].add(length - 1 - days + day - 1, length - 1 - days + day)
            costs[length].append(build)
            _print_build(f"one day on {length}", build)
    for length, measured in both.items():
        slowest = ", ".join(f"{name} {s:.1f} s" for s, name in measured.slowest(costs[length][-1].build_id))
        print(f"\n{length} days, slowest: {slowest}")
        _print_reads(measured.rows_read(length - 1, length))
    ratios = {name: _median(costs[LONG], name) / _median(costs[SHORT], name) for name in ("wall", "cpu", "server")}
    print("\nB2, one day at 10x / at 1x: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))


def _settled(folder: Path, server: EmbeddedServer, touches: int, length: int, days: int) -> Bench:
    """A warehouse with a history of this length but for the days to measure and one more, every slot in use."""
    history = draw(touches * length // LONG, length)
    measured = bench(folder, server, f"days_{length}", history)
    first = length - days - 3
    print(f"\n{length} days, {sum(rows.height for rows in history.rows.values())} records")
    _print_build("in full", measured.add(0, first))
    for day in (first, first + 1):
        measured.add(day, day + 1)
    measured.settle()
    return measured


def _median(builds: list[Build], name: str) -> float:
    return statistics.median(build.total(name) for build in builds)


def _print_build(what: str, build: Build) -> None:
    parts = ", ".join(f"{name} {cost.wall:.1f} ({cost.cpu:.1f})" for name, cost in build.costs.items())
    wall, cpu, served = (build.total(name) for name in ("wall", "cpu", "server"))
    print(f"{what}: wall {wall:.1f} s (CPU {cpu:.1f}, of it server {served:.1f}): {parts}", flush=True)


def _print_reads(models: list[ModelReads]) -> None:
    read, changed = sum(model.rows.total() for model in models), sum(model.changed for model in models)
    ratio = f"{read} / {changed} = {read / max(changed, 1):.1f}"
    print(f"rows read by models kept by key / rows of the keys they changed: {ratio}")
    print(f"and to bring a slot up to date: {sum(model.into_slot for model in models)}; by model, the worst first:")
    for model in models:
        print(f"  {model}")


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=3, help="days measured on top of each history")
    parser.add_argument("--folder", help="where files and database are kept meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        server = EmbeddedServer(Path(folder) / "server")
        server.start()
        try:
            measure_days(Path(folder), server, options.touches, options.days)
        finally:
            server.stop("immediate")


if __name__ == "__main__":
    main()
