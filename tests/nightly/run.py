"""How often the intervals of the marts hold what was planted: many small worlds, a brand each, in one build.

Usage: python tests/nightly/run.py [--seeds 200] [--customers 300] [--days 150] [--folder FOLDER]

A quarter as many worlds without effects are added; in them nothing may be called one. It ends with 1 if the coverage of
a figure lies outside 90 to 98 % by more than chance.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests"), str(Path(__file__).parent)]

from intervals import Coverage, coverages, table  # noqa: E402
from planted_figures import FIGURES  # noqa: E402
from worlds import build, empty_warehouse, make_world, rows  # noqa: E402

FIRST_SEED = 1_000


def measure(folder: Path, seeds: int, customers: int, days: int) -> list[Coverage]:
    """Make the worlds, build them and look where each interval of each figure lies."""
    numbers = range(FIRST_SEED, FIRST_SEED + seeds)
    with empty_warehouse(folder / "home") as settings:
        worlds = [make_world(settings, seed, True, customers, days) for seed in numbers]
        worlds += [make_world(settings, seed, False, customers, days) for seed in numbers[: -(-seeds // 4)]]
        print(f"{len(worlds)} worlds are drawn", file=sys.stderr, flush=True)
        build(settings)
        return [one for figure in FIGURES for one in coverages(figure, worlds, rows(settings, figure.sql))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--days", type=int, default=150)
    parser.add_argument("--folder", type=Path, help="kept; a temporary one is not")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchline-coverage-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(mode=0o711, exist_ok=True)
        folder.chmod(0o711)
        found = measure(folder, given.seeds, given.customers, given.days)
    print(table(found))
    print(json.dumps([vars(one) for one in found]))
    wrong = [one.name for one in found if not one.is_right]
    if wrong:
        sys.exit(f"outside 90 to 98 % by more than chance: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
