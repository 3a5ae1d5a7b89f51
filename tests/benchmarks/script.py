"""B3: the pipeline from files to published marts beside SQL scripts that give the same marts.

Usage: python tests/benchmarks/script.py [--touches 1000000] [--only one|all] [--no-room] [--folder FOLDER]

`one`: fct_transactions with its persons, and what it is made from, beside by_hand.sql, which is written by hand.
`all`: every mart beside one session of plain SQL (whole_script.py); B3 speaks of this.
Both ways have data tests and a publication on the pipeline's side and COPY of the same files on the script's; rows and
persons of both must be equal. Audits are not measured (B5).
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

import polars as pl  # noqa: E402
import whole_script  # noqa: E402
from builds import Bench, Cost, bench  # noqa: E402
from history import History, draw  # noqa: E402

from touchline import dbt, steps  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

DAYS = 360
COLUMNS = ("transaction_key", "customer_id", "closed_at", "business_date", "total", "is_identified")


def pipeline(measured: Bench) -> Cost:
    """From files to the published mart and all above it."""
    real = dbt.invoke

    def only_the_mart(
        settings: Settings, folder: Path, step: dbt.Step, _: list[str], asked: dict[str, str]
    ) -> dbt.DbtResult:
        return real(settings, folder, step, ["--select", f"tag:{step},+fct_transactions"], asked)

    def run() -> None:
        measured.load()
        build_id = steps.start_build(measured.settings).build_id
        steps.stage_sources(measured.settings, build_id)
        steps.resolve_identities(measured.settings, build_id)
        dbt.invoke = only_the_mart
        try:
            steps.model_facts(measured.settings, build_id)
        finally:
            dbt.invoke = real
        measured.publish(build_id)

    return measured.measured(run)


def script(measured: Bench, url: str) -> Cost:
    """COPY of the files as they are, and the script."""

    with whole_script.by_hand(url) as session:

        def run() -> None:
            whole_script.copy_files(session, measured.settings.landing_dir)
            whole_script.run_file(session, "persons.sql")
            whole_script.run_file(session, "by_hand.sql")

        return measured.measured(run)


def check(measured: Bench) -> None:
    """Both marts are equal, up to the names of the persons."""
    ours, theirs = (
        pl.read_database(f"select {', '.join(COLUMNS)} from {schema}.fct_transactions", measured.owner)
        for schema in ("marts", "by_hand")
    )
    beside = ours.join(theirs, on=[name for name in COLUMNS if name != "customer_id"], how="inner")
    if not ours.height == theirs.height == beside.height:
        sys.exit(f"the marts differ: {ours.height}, {theirs.height}, {beside.height} rows")
    pairs = beside.select("customer_id", "customer_id_right").unique().drop_nulls()
    if not pairs.height == pairs["customer_id"].n_unique() == pairs["customer_id_right"].n_unique():
        sys.exit("the persons differ")


def measure_one(folder: Path, server: EmbeddedServer, history: History) -> None:
    """One mart beside the script written by hand."""
    measured = bench(folder, server, "one_mart", history)
    for first in range(0, DAYS, 30):
        history.write(measured.settings.landing_dir, first, first + 30)
    ours = pipeline(measured)
    measured.settle()
    theirs = script(measured, server.url("one_mart"))
    check(measured)
    print(f"pipeline to fct_transactions: wall {ours.wall:.1f} s, CPU {ours.cpu:.1f} (server {ours.server:.1f})")
    print(f"script: wall {theirs.wall:.1f} s, CPU {theirs.cpu:.1f} (server {theirs.server:.1f})")
    print(f"one mart, pipeline / script: wall {ours.wall / theirs.wall:.2f}, CPU {ours.cpu / theirs.cpu:.2f}")


def measure_all(folder: Path, server: EmbeddedServer, history: History, *, has_room: bool) -> None:
    """All marts beside the script made of the pipeline's own SELECTs."""
    measured = bench(folder, server, "all_marts", history)
    for first in range(0, DAYS - 30, 30):
        history.write(measured.settings.landing_dir, first, first + 30)
    build = measured.add(DAYS - 30, DAYS)
    whole_script.compare(measured, build, server.url("all_marts"), has_room=has_room)


def main() -> None:
    """Measure, check, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("one", "all"), help="which comparison; both if left out")
    parser.add_argument("--no-room", action="store_true", help="the disk does not hold both ways' tables at once")
    parser.add_argument("--folder", help="where files and database are kept meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        server = EmbeddedServer(Path(folder) / "server")
        server.start()
        try:
            history = draw(options.touches, DAYS)
            if options.only != "all":
                measure_one(Path(folder), server, history)
            if options.only != "one":
                measure_all(Path(folder), server, history, has_room=not options.no_room)
        finally:
            server.stop("immediate")


if __name__ == "__main__":
    main()
