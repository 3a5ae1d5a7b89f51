"""B5: the audit of a build beside the same checks by hand in SQL, on the same marts, warm, in one run.

Usage: python tests/benchmarks/audit.py [--rows 500000] [--runs 3] [--folder FOLDER]

By hand means: for each mart one statement that counts the rows that fail each of its row checks, one for each repeated
key, one for each query of its suite, one for its figures on either side, and one for its weekdays. Both ways use one
connection and a warm process.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT / "tests"), str(Path(__file__).parent)]

import psycopg  # noqa: E402
from measure import Figure, server_cpu  # noqa: E402
from sqlalchemy import Connection, Engine, create_engine, text  # noqa: E402

from support.empty_marts import create_marts  # noqa: E402
from touchline.audit import comparison  # noqa: E402
from touchline.audit.comparison import LIKE_PUBLISHED, LIKE_WEEKDAYS, Published  # noqa: E402
from touchline.audit.marts import audit_marts  # noqa: E402
from touchline.audit.rows import QUERY_TYPE  # noqa: E402
from touchline.audit.suites import Check, Suite, load_suites  # noqa: E402
from touchline.server import EmbeddedServer  # noqa: E402

EXPECTATIONS = ROOT / "expectations"


def failing_rows(check: Check) -> str | None:
    """The condition on a row that fails the check; None if it is not about single rows."""
    kwargs = check.kwargs
    match check.type:
        case "expect_column_values_to_not_be_null":
            return f"{kwargs['column']} is null"
        case "expect_column_values_to_be_between":
            low, high = kwargs.get("min_value"), kwargs.get("max_value")
            parts = [f"{kwargs['column']} < '{low}'"] if low is not None else []
            return " or ".join(parts + ([f"{kwargs['column']} > '{high}'"] if high is not None else []))
        case "expect_column_values_to_be_in_set":
            values = ", ".join(f"'{value}'" for value in kwargs["value_set"])
            return f"{kwargs['column']} not in ({values})"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return f"{kwargs['column_A']} {'<' if kwargs.get('or_equal') else '<='} {kwargs['column_B']}"
    return None


def violations(suite: Suite) -> Iterator[str]:
    """The suite's checks of this build as plain SQL; every column of the one row is a number of failing rows."""
    table = f'marts_next."{suite.table}"'
    if conditions := [condition for check in suite.checks if (condition := failing_rows(check))]:
        yield f"select {', '.join(f'count(*) filter (where {condition})' for condition in conditions)} from {table}"
    for check in suite.checks:
        if check.type == QUERY_TYPE:
            query = check.kwargs["unexpected_rows_query"]
            batch = table if " join " in query else f"{table} as batch"
            yield f"select count(*) from ({query.format(batch=batch)}) as found"
        elif check.type in ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"):
            columns = ", ".join(check.kwargs.get("column_list") or [check.kwargs["column"]])
            repeated = f"select {columns} from {table} group by {columns} having count(*) > 1"
            yield f"select count(*) from ({repeated}) as found"


def by_hand(connection: Connection, suites: dict[str, Suite]) -> None:
    """Run all of it; stops where a row fails."""
    for suite in suites.values():
        for statement in violations(suite):
            if any(connection.execute(text(statement)).one()):
                sys.exit(f"rows fail: {statement}")
        measures = [check.kwargs["measure"] for check in suite.checks if check.type == LIKE_PUBLISHED]
        for schema in ("marts_next", "marts") if measures else ():
            figures = ", ".join(dict.fromkeys(measures))
            connection.execute(text(f"select count(*), {figures} from {schema}.{suite.table}")).one()
        for check in suite.checks:
            if check.type == LIKE_WEEKDAYS:
                fresh, old = (f'"{schema}"."{suite.table}"' for schema in ("marts_next", "marts"))
                comparison.weekdays(connection, check.kwargs, fresh, old)


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000, help="of each of three facts")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where the database is kept meanwhile")
    options = parser.parse_args()
    suites = load_suites(EXPECTATIONS / "marts")
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as folder,
        _marts(Path(folder), options.rows) as engine,
        engine.connect() as connection,
    ):
        ways: dict[str, Callable[[], None]] = {
            "touchline": lambda: _audit(engine),
            "by hand": lambda: by_hand(connection, suites),
        }
        runs: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for number in range(options.runs + 1):
            for way, work in ways.items():
                found = _measured(connection, work)
                print(f"{way}: {found[0]:.2f} s, {found[1]:.2f} s CPU", file=sys.stderr, flush=True)
                if number:  # the first warms both
                    runs[way].append(found)
    _print(runs, sum(len(suite.checks) for suite in suites.values()), options.rows)


def _audit(engine: Engine) -> None:
    result = audit_marts(engine, 2, EXPECTATIONS, published=Published("marts"))
    failing = {check.check_id for check in result.failing}
    if failing != {"has_rows"}:  # of the channels, which are not filled here
        sys.exit(f"the marts are not what the suites want: {result.failing}")


def _measured(connection: Connection, work: Callable[[], object]) -> tuple[float, float]:
    """Wall clock, and CPU of this process and the database server; seconds."""
    backend = int(connection.scalar(text("select pg_backend_pid()")) or 0)
    connection.rollback()
    server, begun, client = server_cpu(backend), time.perf_counter(), time.process_time()
    work()
    wall, own = time.perf_counter() - begun, time.process_time() - client
    connection.rollback()
    return wall, own + server_cpu(backend) - server


@contextmanager
def _marts(folder: Path, rows: int) -> Iterator[Engine]:
    server = EmbeddedServer(folder / "server")
    server.start()
    try:
        server.create_database("bench")
        engine = create_engine(server.url("bench"))
        script = Path(__file__).with_name("filled_marts.sql").read_text(encoding="utf-8")
        for schema in ("marts", "marts_next"):
            create_marts(engine, schema)
            with engine.begin() as connection:
                session = connection.connection.driver_connection
                assert isinstance(session, psycopg.Connection)
                session.execute(script.replace("{schema}", schema).replace("{rows}", str(rows)).encode())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
        yield engine
        engine.dispose()
    finally:
        server.stop("immediate")


def _print(runs: dict[str, list[tuple[float, float]]], checks: int, rows: int) -> None:
    print(f"{checks} checks of all marts, three facts of {rows} rows\n")
    print("| Way | Wall s | CPU s |\n|---|---|---|")
    figures = {way: [Figure.of([run[i] for run in found]) for i in (0, 1)] for way, found in runs.items()}
    for way, (wall, cpu) in figures.items():
        print(f"| {way} | {wall} | {cpu} |")
    ratios = [
        ours.median / theirs.median for ours, theirs in zip(figures["touchline"], figures["by hand"], strict=True)
    ]
    print(f"\ntouchline ÷ by hand: {ratios[0]:.2f} wall, {ratios[1]:.2f} CPU")


if __name__ == "__main__":
    main()
