"""B6: a backfill of monthly exports beside one build of all of them.

Usage: python tests/benchmarks/backfill.py [--touches 1000000] [--months 36] [--folder FOLDER]

The exports of a month arrive as soon as those of the month before are loaded, and builds are made one after the other
meanwhile, as the DAGs do: what comes while one is made is taken by the next, all of it. The other way loads all months
and builds once. Both are measured from the first file to the publication of the last month. Not measured: audits (B5)
and Airflow (B4), which are paid for each build.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

from builds import Bench, Build, Cost, bench  # noqa: E402
from history import History, draw  # noqa: E402

from touchline.server import EmbeddedServer  # noqa: E402

MONTH_DAYS = 30

Way = Callable[[Bench, list[Path]], list[Build]]


def at_once(measured: Bench, exports: list[Path]) -> list[Build]:
    """All months, and one build."""
    deliver(measured, exports)
    return [measured.build()]


def as_they_come(measured: Bench, exports: list[Path]) -> list[Build]:
    """Builds one after the other while the months arrive; the last one knows them all."""
    deliver(measured, exports[:1])
    made: list[Build] = []
    with ThreadPoolExecutor(max_workers=1) as senders:
        arriving = senders.submit(deliver, measured, exports[1:])
        has_all = False
        while not has_all:
            has_all = arriving.done()
            made.append(measured.build())
        arriving.result()
    return made


def deliver(measured: Bench, exports: list[Path]) -> None:
    """Month by month, move its files in whole, as senders do, and load them."""
    for month in exports:
        for file in sorted(month.rglob("*.csv")):
            target = measured.settings.landing_dir / file.relative_to(month)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)
        measured.load()


def measure(folder: Path, server: EmbeddedServer, history: History, months: int, way: Way) -> tuple[Cost, list[Build]]:
    """What a way costs in a warehouse of its own, and its builds."""
    name = way.__name__
    exports = [folder / f"{name}_exports" / f"month_{month:03}" for month in range(months)]
    for month, export in enumerate(exports):
        history.write(export, month * MONTH_DAYS, (month + 1) * MONTH_DAYS)
    made: list[Build] = []
    measured = bench(folder, server, name, history)
    cost = measured.measured(lambda: made.extend(way(measured, exports)))
    return cost, made


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--folder", help="where files and database are kept meanwhile")
    options = parser.parse_args()
    history = draw(options.touches, MONTH_DAYS * options.months)
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        server = EmbeddedServer(Path(folder) / "server")
        server.start()
        try:
            for way in (at_once, as_they_come):
                cost, made = measure(Path(folder), server, history, options.months, way)
                costs[way.__name__] = cost
                builds = ", ".join(f"{build.total('wall'):.0f}" for build in made)
                print(f"{way.__name__}: wall {cost.wall:.1f} s, CPU {cost.cpu:.1f} (server {cost.server:.1f})")
                print(f"  seconds of each build: {builds}", flush=True)
        finally:
            server.stop("immediate")
    ratios = {name: getattr(costs["as_they_come"], name) / getattr(costs["at_once"], name) for name in ("wall", "cpu")}
    print("B6, as they come / at once: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))


if __name__ == "__main__":
    main()
