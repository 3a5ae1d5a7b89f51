"""B3: the pipeline from files to a published mart beside one hand-written SQL script that gives the same mart.

Usage: python tests/benchmarks/script.py [--touches 1000000] [--folder FOLDER]

The mart is fct_transactions with its persons. `pipeline` makes it and all above it, with data tests, from landing to
publication. `script` is by_hand.sql after a COPY of the same files. Both must give the same rows and persons.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

import polars as pl  # noqa: E402
import psycopg  # noqa: E402
from builds import Bench, Cost, bench  # noqa: E402
from history import draw  # noqa: E402
from measure import server_cpu  # noqa: E402
from sqlalchemy.engine import make_url  # noqa: E402

from touchline import dbt, steps  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

DAYS = 360
TABLES = {
    "sale": "bench_pos/transactions",
    "contact": "bench_crm/contacts",
    "support_case": "bench_crm/cases",
    "call": "bench_center/contacts",
}
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
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as session:
        before, begun = server_cpu(session.info.backend_pid), time.perf_counter()
        session.execute("create schema by_hand")
        for table, export in TABLES.items():
            for path in sorted(measured.settings.landing_dir.glob(f"{export}_*.csv")):
                with path.open("rb") as file, session.cursor() as cursor:
                    names = path.open(encoding="utf-8").readline().strip().split(",")
                    columns = ", ".join(f"{name} text" for name in names)
                    session.execute(f"create table if not exists by_hand.{table} ({columns})".encode())
                    with cursor.copy(f"copy by_hand.{table} from stdin (format csv, header)".encode()) as into:
                        while block := file.read(1 << 20):
                            into.write(block)
        session.execute(Path(__file__).with_name("by_hand.sql").read_bytes())
        session.commit()
        return Cost(time.perf_counter() - begun, 0.0, server_cpu(session.info.backend_pid) - before)


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


def main() -> None:
    """Measure, check, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where files and database are kept meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        server = EmbeddedServer(Path(folder) / "server")
        server.start()
        try:
            history = draw(options.touches, DAYS)
            with bench(Path(folder), server, "in_pipeline", history) as measured:
                for first in range(0, DAYS, 30):
                    history.write(measured.settings.landing_dir, first, first + 30)
                ours = pipeline(measured)
                theirs = script(measured, server.url("in_pipeline"))
                check(measured)
        finally:
            server.stop("immediate")
    print(f"pipeline to fct_transactions: wall {ours.wall:.1f} s, CPU {ours.cpu:.1f} (server {ours.server:.1f})")
    print(f"script: wall {theirs.wall:.1f} s, CPU {theirs.server:.1f} (server)")
    print(f"B3, pipeline / script: wall {ours.wall / theirs.wall:.2f}, CPU {ours.cpu / theirs.server:.2f}")


if __name__ == "__main__":
    main()
