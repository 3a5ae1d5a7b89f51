"""B9: identity resolution of 1 % new edges beside a full one, on the same touches, in one run.

Usage: python tests/benchmarks/identity.py [--touches 1000000] [--runs 3] [--ways told,full] [--folder FOLDER]

A person's touches spread over the time since joining; an edge is new when none of the touches before the cut shows it.
`told`: new edges only, and the changed nodes are given, as a change log would. `repeats`: the same, but the touches
after the cut also show known edges again, which then count as changed. `compared`: as `repeats`, but what changed is
found by comparing everything with the state. Before each solve the tables are vacuumed and a checkpoint is made.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
import psycopg  # noqa: E402
from measure import Figure, Measured, measured  # noqa: E402
from pydantic import SecretStr  # noqa: E402
from sqlalchemy import Engine, create_engine, text  # noqa: E402

from touchline import warehouse  # noqa: E402
from touchline.identity import EDGES, NODES, IdentitySummary, resolve  # noqa: E402
from touchline.identity.state import copy_in  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402
from touchline.settings import Settings  # noqa: E402

NEW_SHARE = 0.01
TOUCHES_A_PERSON = 8
YEAR = 365 * 86_400 * 1_000_000
WAYS: dict[str, dict[str, object]] = {
    "told": {"changed": "intermediate.told"},
    "repeats": {"changed": "intermediate.repeats"},
    "compared": {},
    "full": {"full": True},
}
_INPUT = """
    create table intermediate.int_identity_nodes (brand text, node text, node_kind text, first_seen_at timestamptz);
    create table intermediate.int_identity_edges (brand text, left_node text, right_node text, link_type text,
        first_seen_at timestamptz, last_seen_at timestamptz, is_standing boolean);
    create table intermediate.told (brand text, node text);
    create table intermediate.repeats (brand text, node text);
"""

# The index of its key, as a table has that is brought up to date by key.
_KEYS = {"int_identity_nodes": "brand, node", "int_identity_edges": "brand, left_node, right_node, link_type"}


@dataclass(frozen=True)
class Days:
    """What staging holds: before the cut, with the new edges alone, after it; and the nodes that changed since."""

    before: tuple[pl.DataFrame, pl.DataFrame]
    added: tuple[pl.DataFrame, pl.DataFrame]
    after: tuple[pl.DataFrame, pl.DataFrame]
    told: pl.DataFrame
    repeats: pl.DataFrame


def draw_touches(touches: int, generator: np.random.Generator) -> pl.DataFrame:
    """One row per statement of a touch: left and right node, link type, microsecond, whether it stands."""
    people = touches // TOUCHES_A_PERSON
    joined = generator.integers(0, YEAR, people)
    weights = generator.gamma(1.0, 1.0, people)
    person = generator.choice(people, touches, p=weights / weights.sum())
    seen = joined[person] + (generator.random(touches) * (YEAR - joined[person])).astype(np.int64)

    def some(share: float, size: int = touches) -> np.ndarray:
        return generator.random(size) < share

    has = {
        kind: some(share, people) for kind, share in {"card": 0.7, "contact": 0.6, "mail": 0.9, "phone": 0.9}.items()
    }
    # Three people in a hundred share their phone with somebody; one sale in a hundred carries the till's own.
    phone = np.where(some(0.03, people), generator.permutation(people), np.arange(people))
    is_sale = some(0.7)
    statements = []

    def state(chosen: np.ndarray, left: pl.Series, right: pl.Series, kind: str, at: np.ndarray, stands: bool) -> None:
        frame = pl.DataFrame({"left_node": left, "right_node": right, "seen": at}).filter(pl.Series(chosen))
        statements.append(frame.with_columns(link_type=pl.lit(kind), is_standing=pl.lit(stands)))

    def named(prefix: str, numbers: np.ndarray, seed: int) -> pl.Series:
        """Names that lie in no order, as tokens do."""
        random = pl.Series(numbers).hash(seed).cast(pl.String)
        return pl.select(pl.lit(prefix) + random + "-" + random.str.slice(0, 15)).to_series()

    account, card = named("store_pos/customer/", person, 1), named("loyalty/", person, 2)
    mail, own_phone = named("email/", person, 3), named("phone/", phone[person], 4)
    till = named("phone/", np.full(touches, -1), 4)
    is_till = some(0.01)
    shown = pl.select(pl.when(pl.Series(is_till)).then(till).otherwise(own_phone)).to_series()
    state(is_sale & has["card"][person] & some(0.8), account, card, "loyalty_id", seen, stands=False)
    state(is_sale & has["mail"][person] & some(0.4), account, mail, "email", seen, stands=False)
    state(is_sale & ((has["phone"][person] & some(0.15)) | is_till), account, shown, "phone", seen, stands=False)
    contact = named("service_crm/contact/", person, 5)
    verified = ~is_sale & has["contact"][person] & has["phone"][person] & some(0.3)
    state(verified, contact, own_phone, "phone", seen, stands=False)
    everybody = np.arange(people)
    contacts, second = named("service_crm/contact/", everybody, 5), named("service_crm/contact/", everybody + people, 5)
    mails = named("email/", everybody, 3)
    state(has["contact"] & has["mail"], contacts, mails, "email", joined, stands=True)
    state(has["contact"] & has["phone"], contacts, named("phone/", phone, 4), "phone", joined, stands=True)
    state(has["contact"] & has["card"] & some(0.8, people), contacts, named("loyalty/", everybody, 2), "loyalty_id",
          joined, stands=True)  # fmt: skip
    later = joined + (generator.random(people) * (YEAR - joined)).astype(np.int64)
    state(has["contact"] & some(0.02, people), contacts, second, "crm_merge", later, stands=True)
    return pl.concat(statements)


def cut(statements: pl.DataFrame) -> Days:
    """The days with and without the youngest 1 % of the edges."""
    key = ["left_node", "right_node", "link_type"]
    first_seen = statements.group_by(key).agg(pl.col("seen").min())["seen"].sort()
    at = first_seen[int(len(first_seen) * (1 - NEW_SHARE))]
    before, after = (_staged(part) for part in (statements.filter(pl.col("seen") < at), statements))
    added = after[1].join(before[1], on=key, how="anti")
    altered = after[1].join(before[1], on=[*key, "last_seen_at"], how="anti")
    grown = (after[0], pl.concat([before[1], added.select(before[1].columns)]))
    return Days(before, grown, after, _ends(added), _ends(altered))


def _staged(statements: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    brand = pl.lit("default").alias("brand")
    instants = pl.col("first_seen_at", "last_seen_at").cast(pl.Datetime("us", "UTC"))
    edges = statements.group_by("left_node", "right_node", "link_type").agg(
        first_seen_at=pl.col("seen").min(), last_seen_at=pl.col("seen").max(), is_standing=pl.col("is_standing").any()
    )
    ends = pl.concat(edges.select(node=end, first_seen_at="first_seen_at") for end in ("left_node", "right_node"))
    kind = pl.col("node").str.extract(r"^(?:[^/]*/)?(customer|contact|loyalty|email|phone)/")
    nodes = ends.group_by("node").agg(pl.col("first_seen_at").min()).with_columns(brand, node_kind=kind)
    instant = pl.col("first_seen_at").cast(pl.Datetime("us", "UTC"))
    return nodes.with_columns(instant).select(NODES.keys()), edges.with_columns(brand, instants).select(EDGES.keys())


def _ends(edges: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(edges.select("brand", node=end) for end in ("left_node", "right_node")).unique()


class Bench:
    """A warehouse whose staging tables are replaced at will."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.build_id = 0
        with engine.begin() as connection:
            connection.execute(text(_INPUT))

    def stage(self, tables: dict[str, pl.DataFrame]) -> None:
        with self.engine.begin() as connection:
            session = connection.connection.driver_connection
            assert isinstance(session, psycopg.Connection)
            for name, rows in tables.items():
                session.execute(f"truncate intermediate.{name}".encode())
                session.execute(f"drop index if exists intermediate.{name}_key".encode())
                copy_in(session, f"intermediate.{name}", rows)
                if name in _KEYS:
                    session.execute(f"create index {name}_key on intermediate.{name} ({_KEYS[name]})".encode())
        self._settle()

    def _settle(self) -> None:
        """What autovacuum and a checkpoint do between two builds; else a solve would pay for all that was staged."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
            connection.execute(text("checkpoint"))

    def stage_day(self, day: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        self.stage({"int_identity_nodes": day[0], "int_identity_edges": day[1]})

    def resolve(self, **options: object) -> tuple[Measured, IdentitySummary]:
        self.build_id += 1
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
                    " values (now(), false, '', 'building')"
                )
            )
        found: list[IdentitySummary] = []
        work: Callable[[], None] = lambda: found.append(resolve(self.engine, self.build_id, **options))  # noqa: E731
        return measured(work, self._session), found[0]

    def _session(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(text("select pg_backend_pid()")))


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--folder", help="where the database is kept meanwhile")
    options = parser.parse_args()
    days = cut(draw_touches(options.touches, np.random.default_rng(9)))
    nodes, edges = (frame.height for frame in days.after)
    print(f"{options.touches} touches: {nodes} nodes, {edges} edges, {edges - days.before[1].height} of them new")
    runs: dict[str, list[Measured]] = {way: [] for way in options.ways.split(",")}
    found: dict[str, tuple[int, dict[str, int]]] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, _bench(Path(folder)) as bench:
        bench.stage({"told": days.told, "repeats": days.repeats})
        for way in list(runs) * options.runs:
            if way != "full" or bench.build_id == 0:
                bench.stage_day(days.before)
                bench.resolve(full=True)
            bench.stage_day(days.added if way == "told" else days.after)
            run, summary = bench.resolve(**WAYS[way])
            runs[way].append(run)
            print(f"{way}: {run.wall:.2f} s, {summary}", file=sys.stderr, flush=True)
            if way != "told":
                found[way] = (summary.customers, dict(summary.refused))
    if len({str(outcome) for outcome in found.values()}) > 1:
        sys.exit(f"the ways do not agree: {found}")
    _print(runs)


def _print(runs: dict[str, list[Measured]]) -> None:
    print("| Way | Wall s | CPU s | Peak MiB | wall ÷ full | CPU ÷ full |\n|---|---|---|---|---|---|")
    whole = {name: Figure.of([getattr(run, name) for run in runs["full"]]) for name in ("wall", "cpu")}
    for way, found in runs.items():
        wall, cpu, peak = (Figure.of([getattr(run, name) for run in found]) for name in ("wall", "cpu", "peak_mib"))
        ratios = f"{wall.median / whole['wall'].median:.3f} | {cpu.median / whole['cpu'].median:.3f}"
        print(f"| {way} | {wall} | {cpu} | {peak.median:.0f} | {ratios} |")


@contextmanager
def _bench(folder: Path) -> Iterator[Bench]:
    server = EmbeddedServer(folder / "server")
    server.start()
    try:
        server.create_database("bench")
        url = server.url("bench")
        warehouse.migrate(Settings(home=folder, project_dir=ROOT, database_url=SecretStr(url)))
        engine = create_engine(url, pool_size=1, max_overflow=0)
        yield Bench(engine)
        engine.dispose()
    finally:
        server.stop("immediate")


if __name__ == "__main__":
    main()
