"""Loads one file once by one of the ways that are compared, and prints what it cost as JSON.

Usage: worker.py <way> <database url> <file> <home>
"""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(Path(__file__).parent)]

from exports import COLUMNS  # noqa: E402
from measure import Measured, measured, report  # noqa: E402

from touchline import warehouse  # noqa: E402
from touchline.contracts import load_contracts  # noqa: E402
from touchline.landing.discover import ExportFile  # noqa: E402
from touchline.landing.load import load_file  # noqa: E402
from touchline.mapping import Source  # noqa: E402
from touchline.settings import Settings  # noqa: E402
from touchline.vault import load_keys  # noqa: E402

_BLOCK = 1 << 20
_NAMES = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
_COPY_CSV = sql.SQL("copy bare ({}) from stdin (format csv, header)").format(_NAMES)
_SOURCE = {
    "source": "benchmark_pos",
    "kind": "pos",
    "description": "Sales for measuring",
    "owner": "nobody",
    "phone_region": "US",
    "exports": [
        {
            "name": "sales",
            "files": ["*.csv"],
            "complete_through": {"column": "closed_at"},
            "into": [{"entity": "transactions"}],
        }
    ],
}


def touchline(url: str, path: Path, home: Path) -> Measured:
    """Our landing and load: typing, contract, tokens, vault, quarantine, ledger, one transaction."""
    settings = Settings(home=home, project_dir=ROOT, database_url=SecretStr(url))
    engine = warehouse.engine(settings, warehouse.Role.LOADER)
    source = Source.model_validate(_SOURCE)
    file = ExportFile(source, source.exports[0], path, path.name)
    contracts, keys = load_contracts(settings.contracts_dir), load_keys(settings.secrets_dir)

    def session() -> int:
        raw = engine.raw_connection()
        try:
            return int(raw.driver_connection.info.backend_pid)  # type: ignore[union-attr]
        finally:
            raw.close()

    def work() -> None:
        outcome = load_file(engine, file, contracts, keys)
        assert outcome.state == "loaded", outcome.reason

    return measured(work, session)


def bare(url: str, path: Path, _home: Path) -> Measured:
    """COPY of the same bytes into a table with the file's columns, typed, and nothing else."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    return _through(url, f"create table bare ({columns})", lambda connection: _copy_bytes(connection, path))


def bare_raw(url: str, path: Path, _home: Path) -> Measured:
    """COPY of the same bytes into a table with all columns and the index of our raw table, filled by defaults."""
    settings = Settings(project_dir=ROOT, database_url=SecretStr(url))
    contract = load_contracts(settings.contracts_dir)["pos", "transactions"]
    columns = [f'"{column.name}" {"text" if column.personal else column.raw_type}' for column in contract.columns]
    columns += [
        "_source text not null default 'benchmark_pos'",
        "_load_id bigint not null default 1",
        "_record_number bigint not null default 1",
        "_version_at timestamptz not null default '2026-01-01 00:00:00+00'",
        "_payload_hash uuid not null default 'c56a4180-65aa-42ec-a945-5fd21dec0538'",
        "_loaded_at timestamptz not null default now()",
    ]
    ddl = f"create table bare ({', '.join(columns)}); create index on bare using brin (_load_id)"
    return _through(url, ddl, lambda connection: _copy_bytes(connection, path))


def csv_write_row(url: str, path: Path, _home: Path) -> Measured:
    """The usual loop: Python's csv module, values cast one by one, psycopg's COPY row by row."""
    return _through(url, _typed_table(), lambda connection: _copy_rows(connection, path))


def csv_executemany(url: str, path: Path, _home: Path) -> Measured:
    """The usual loop with `insert` statements, in batches."""
    insert = sql.SQL("insert into bare ({}) values ({})").format(_NAMES, sql.SQL(", ").join([sql.Placeholder()] * 14))

    def work(connection: psycopg.Connection) -> None:
        batch: list[list[object]] = []
        with connection.cursor() as cursor:
            for row in _rows(path):
                batch.append(row)
                if len(batch) == 10_000:
                    cursor.executemany(insert, batch)
                    batch.clear()
            cursor.executemany(insert, batch)

    return _through(url, _typed_table(), work)


def pandas_to_sql(url: str, path: Path, _home: Path) -> Measured:
    """pandas.read_csv and to_sql as they come, in batches."""
    import pandas as pd
    from sqlalchemy import create_engine

    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=0)

    def session() -> int:
        with engine.connect() as connection:
            return int(connection.connection.driver_connection.info.backend_pid)  # type: ignore[union-attr]

    def work() -> None:
        frame = pd.read_csv(path, parse_dates=["closed_at"])
        frame.to_sql("bare", engine, index=False, if_exists="replace", chunksize=10_000)

    return measured(work, session)


def _typed_table() -> str:
    return f"create table bare ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})"


def _through(url: str, ddl: str, work: Callable[[psycopg.Connection], None]) -> Measured:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(ddl.encode())
        connection.commit()

        def run() -> None:
            work(connection)
            connection.commit()

        return measured(run, lambda: connection.info.backend_pid)


def _copy_bytes(connection: psycopg.Connection, path: Path) -> None:
    with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(_COPY_CSV) as copy:
        while block := file.read(_BLOCK):
            copy.write(block)


def _copy_rows(connection: psycopg.Connection, path: Path) -> None:
    statement = sql.SQL("copy bare ({}) from stdin").format(_NAMES)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in _rows(path):
            copy.write_row(row)


def _rows(path: Path) -> Iterator[list[object]]:
    from datetime import datetime
    from decimal import Decimal

    casts: list[Callable[[str], object]] = [
        {"timestamptz": datetime.fromisoformat, "text": str}.get(kind, Decimal) for kind in COLUMNS.values()
    ]
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for record in reader:
            yield [cast(field) if field else None for cast, field in zip(casts, record, strict=True)]


WAYS = {
    "touchline": touchline,
    "bare": bare,
    "bare-raw": bare_raw,
    "csv-copy-rows": csv_write_row,
    "csv-executemany": csv_executemany,
    "pandas-to-sql": pandas_to_sql,
}

if __name__ == "__main__":
    way, url, path, home = sys.argv[1:]
    report(WAYS[way](url, Path(path), Path(home)))
