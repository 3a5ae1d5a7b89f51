"""All marts by one session of plain SQL, beside the pipeline's build: the part of B3 that script.py calls `all`.

The script: COPY of the files as they are into tables of text; the staging tables cast from these (staged_by_hand.sql);
then `create table as`, the declared indexes and `analyze` for every model, in the order of the pipeline,
each with the SELECT that dbt compiled for the pipeline's own build in full. Persons are those of persons.sql. It has no
tokens, vault, quarantine, ledger, data tests, change log, copies for a slot, fingerprints, guards of identities.

Given to the script as tables of the pipeline: seeds, attributes and horizon of the sources (one row each), the staging
tables that no export of the history fills (empty), and what the step `estimate` computes in Python, which no SQL can.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from builds import Bench, Build, Cost
from sqlalchemy.engine import make_url

HERE = Path(__file__).parent
TABLES = {
    "sale": "bench_pos/transactions",
    "contact": "bench_crm/contacts",
    "support_case": "bench_crm/cases",
    "call": "bench_center/contacts",
}
TIED = {
    "rpt_rfm": [
        ["recency_days", "recency_rank", "recency_score"],
        ["purchases", "frequency_rank", "frequency_score"],
        ["spend", "monetary_rank", "monetary_score"],
    ]
}
"""Measures with the columns by which equal customers differ as their ids do: compared apart from the customer."""
IDENTITY = {"nodes", "members", "states", "redirects"}
_RELATION = re.compile(r'"\w+"\."(staging|intermediate|marts_next|identity)"\."(\w+)"')
_STAGED_COLUMNS = """
select
    string_agg(
        case when made.column_name is null then format('cast(null as %%s) as %%I', ours.data_type, ours.column_name)
        else quote_ident(ours.column_name) end, ', ' order by ours.ordinal_position
    ),
    count(made.column_name)
from information_schema.columns as ours
left join information_schema.columns as made
    on
        made.table_schema = 'by_hand'
        and made.table_name = 'hand_' || ours.table_name
        and made.column_name = ours.column_name
where ours.table_schema = 'staging' and ours.table_name = %s
"""
Session = psycopg.Connection[Any]


@contextmanager
def by_hand(url: str) -> Iterator[Session]:
    """One session in a schema of its own, each statement committed as in a script; ours is UTC in dbt as well."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as session:
        session.execute("create schema by_hand; set search_path to by_hand, public; set timezone to 'UTC'")
        yield session


def copy_files(session: Session, landing: Path) -> None:
    """Each file as it is, into a table of text."""
    for table, export in TABLES.items():
        for path in sorted(landing.glob(f"{export}_*.csv")):
            with path.open("rb") as file, session.cursor() as cursor:
                names = path.open(encoding="utf-8").readline().strip().split(",")
                columns = ", ".join(f"{name} text" for name in names)
                session.execute(f"create table if not exists {table} ({columns})".encode())
                with cursor.copy(f"copy {table} from stdin (format csv, header)".encode()) as into:
                    while block := file.read(1 << 20):
                        into.write(block)


def run_file(session: Session, name: str) -> None:
    """Execute a file beside this one."""
    session.execute((HERE / name).read_bytes())


class Script:
    """The script for one build of the pipeline."""

    def __init__(self, measured: Bench, build: Build, session: Session) -> None:
        self.measured, self.session = measured, session
        nodes = measured.manifest(build.build_id)
        self.models = [(nodes[r["unique_id"]], r["compiled_code"]) for r in measured.results(build.build_id, "model")]
        self.names = {node["name"] for node, _ in self.models} | IDENTITY

    def costs(self) -> dict[str, Cost]:
        """Run it; what it cost, by the steps of the pipeline."""
        parts = {
            "load": lambda: copy_files(self.session, self.measured.settings.landing_dir),
            "stage": self.stage,
            "resolve": self.resolve,
            "model": lambda: self.make("model"),
            "report": lambda: self.make("report"),
        }
        return {name: self.measured.measured(part) for name, part in parts.items()}

    def stage(self) -> None:
        run_file(self.session, "staged_by_hand.sql")
        self.make("stage")

    def resolve(self) -> None:
        run_file(self.session, "persons.sql")
        run_file(self.session, "identified_by_hand.sql")

    def make(self, step: str) -> None:
        """Every model of a step as a plain table or view."""
        for node, compiled in self.models:
            if step in node["tags"]:
                query = self.staged(node["name"]) if node["schema"] == "staging" else _RELATION.sub(self.own, compiled)
                self.session.execute(created(node, query).encode())

    def own(self, relation: re.Match[str]) -> str:
        """The script's table instead of the pipeline's; what the script does not make stays the pipeline's."""
        return f'by_hand."{relation[2]}"' if relation[2] in self.names else relation[0]

    def staged(self, name: str) -> str:
        """A staging table from its export, or an empty one."""
        columns, known = self.session.execute(_STAGED_COLUMNS, [name]).fetchone()  # type: ignore[misc]
        return f"select {columns} from hand_{name}" if known else f"select * from staging.{name} where false"


def created(node: dict[str, Any], query: str) -> str:
    """The statements that make a model, as somebody writes them."""
    name, config = node["name"], node["config"]
    if config["materialized"] == "view":
        return f"create view {name} as {query}"
    indexes = [f"create index on {name} ({', '.join(index['columns'])})" for index in config.get("indexes") or []]
    indexes += [f"create index on {name} ({c}) where {c} is not null" for c in config.get("sparse_indexes") or []]
    return ";\n".join([f"create table {name} as {query}\n", *indexes, f"analyze {name}"])


def make_room(session: Session, made: set[str]) -> None:
    """Empty what neither the script nor the comparison reads: raw, and the pipeline's tables of these models but for
    what is staged and published, and the customers of nodes.
    """
    tables = session.execute(
        "select format('%%I.%%I', table_schema, table_name) from information_schema.tables"
        " where table_type = 'BASE TABLE'"
        " and (table_schema = 'raw' or table_schema in ('working', 'intermediate') and table_name = any(%s))",
        [sorted(made - {"int_customer_nodes"})],
    ).fetchall()
    session.execute(f"truncate {', '.join(name for (name,) in tables)}".encode())


def run_tests(session: Session, tests: list[dict[str, Any]]) -> None:
    """The queries of the pipeline's data tests again, on its published tables."""
    for test in tests:
        session.execute(test["compiled_code"].replace('"marts_next".', '"marts".').encode())


def differences(session: Session) -> tuple[dict[str, int], dict[str, str]]:
    """The rows of each mart, and how those marts differ that do; tokens and customer ids are translated first."""
    run_file(session, "names_by_hand.sql")
    counts = session.execute("select count(*), count(distinct theirs), count(distinct ours) from names").fetchone()
    if len(set(counts or ())) != 1:
        sys.exit(f"the persons differ: {counts}")
    marts = session.execute(
        "select table_name, array_agg(column_name::text) from information_schema.columns"
        " where table_schema = 'marts' group by table_name order by table_name"
    ).fetchall()
    rows, found = {}, {}
    for name, columns in marts:
        tied = TIED.get(name, [])
        apart = {column for measure, *others in tied for column in others}
        for some in ([column for column in columns if column not in apart], *tied):
            rows[name], found[f"{name} ({some[0]}, …)"] = difference(session, name, some)
    return rows, {name: told for name, told in found.items() if told}


def difference(session: Session, mart: str, columns: list[str]) -> tuple[int, str]:
    """Our rows, and how both ways differ in these columns; empty if they have the same rows, each as often."""
    named = [column for column in columns if column.endswith(("customer_id", "_node"))]
    theirs = ", ".join(f"names_{name}.ours" if name in named else f"theirs.{name}" for name in columns)
    joins = " ".join(f"left join names as names_{name} on theirs.{name} = names_{name}.theirs" for name in named)
    row = session.execute(
        f"""
        select
            (select count(*) from marts.{mart}),
            (select count(*) from by_hand.{mart}),
            (select count(*) from (
                select {", ".join(columns)} from marts.{mart}
                except all
                select {theirs} from by_hand.{mart} as theirs {joins}
            ) as missing)
        """.encode()
    ).fetchone()
    own, other, missing = row or (0, 0, 0)
    is_equal = own == other and not missing
    return own, "" if is_equal else f"{own} rows, {other} of the script, {missing} of ours not there"


def compare(measured: Bench, build: Build, url: str, *, has_room: bool) -> None:
    """Run the script beside a build of the pipeline, compare the marts, print.

    Where the disk has no room for both, the queries of the data tests are not run again: what they read is gone.
    """
    load = os.getloadavg()[1]
    _tell("pipeline", build.costs)
    tests = measured.results(build.build_id, "test")
    with by_hand(url) as session:
        script = Script(measured, build, session)
        if not has_room:
            make_room(session, script.names)
        measured.settle()
        costs = script.costs()
        _tell("script", costs)
        tested = measured.measured(lambda: run_tests(session, tests)) if has_room else None
        rows, differing = differences(session)
    _print(build.costs, costs, tested)
    for kind in ("test", "model", "seed"):
        seconds = [r["execution_time"] for r in measured.results(build.build_id, kind)]
        print(f"{len(seconds)} {kind} nodes of dbt, by its own timing of each, four at a time: {sum(seconds):.1f} s")
    filled = sum(count > 0 for count in rows.values())
    print(f"{len(rows)} marts compared, {filled} of them with rows; those that differ: {differing or 'none'}")
    print(f"load average of the build's last minutes: {load:.1f}")


def _print(ours: dict[str, Cost], theirs: dict[str, Cost], tested: Cost | None) -> None:
    print("step: pipeline wall, CPU (client + server); script wall, CPU")
    for name in ours:
        print(f"{name}: {_told(ours[name])}; {_told(theirs.get(name, Cost()))}")
    whole, script = (sum(costs.values(), Cost()) for costs in (ours, theirs))
    print(f"all: {_told(whole)}; {_told(script)}")
    beside = {
        "B3, pipeline / script": (whole, script),
        "without the step estimate": (sum((ours[name] for name in ours if name != "estimate"), Cost()), script),
    }
    if tested:
        print(f"queries of the data tests again, in one session: {_told(tested)}")
        beside["where the script runs the queries of the data tests, too"] = (whole, script + tested)
    for what, (cost, other) in beside.items():
        ratios = (f"{name} {getattr(cost, name) / getattr(other, name):.2f}" for name in ("wall", "cpu", "server"))
        print(f"{what}: {', '.join(ratios)}")


def _tell(who: str, costs: dict[str, Cost]) -> None:
    """Beforehand: at ten million touches what follows takes an hour, and may not come to its end."""
    told = ", ".join(f"{name} {_told(cost)}" for name, cost in costs.items())
    print(f"{who}: {told}", file=sys.stderr, flush=True)


def _told(cost: Cost) -> str:
    return f"{cost.wall:.1f}, {cost.cpu:.1f} ({cost.client:.1f} + {cost.server:.1f})"
