"""Loading through the quick way leaves in the warehouse exactly what the judge alone would have loaded."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from touchline import warehouse
from touchline.contracts import PersonalKind, load_contracts
from touchline.landing import load
from touchline.landing.batch import Batch
from touchline.landing.binarycopy import RowFormat
from touchline.landing.discover import survey
from touchline.landing.physical import frame_of, microseconds
from touchline.landing.writer import BatchWriter
from touchline.pg_binaries import wait_until
from touchline.settings import Settings
from touchline.sources import load_sources
from touchline.synthetic import generate
from touchline.vault import load_keys
from touchline.warehouse import Role

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
SOURCES = load_sources(ROOT / "dags" / "sources", CONTRACTS)


@pytest.fixture
def two_warehouses(make_database: Callable[[], str], tmp_path: Path) -> list[Settings]:
    """Two empty warehouses with the same keys."""
    made = []
    for _ in range(2):
        url = SecretStr(make_database())
        made.append(Settings(home=tmp_path / "home", project_dir=ROOT, database_url=url))
        warehouse.migrate(made[-1])
    return made


def fill(settings: Settings, landing: Path) -> None:
    engine = warehouse.engine(settings, Role.LOADER)
    keys = load_keys(settings.secrets_dir)
    for file in survey(SOURCES, landing).files:
        assert load.load_file(engine, file, CONTRACTS, keys).state == "loaded", file.name
    engine.dispose()


def contents(settings: Settings) -> dict[str, Any]:
    """Everything landing writes, without what differs between any two loads; sealed values opened."""
    keys = load_keys(settings.secrets_dir)
    found: dict[str, Any] = {}
    with create_engine(warehouse.database_url(settings)).connect() as connection:

        def rows(sql: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(text(sql))]

        for contract in CONTRACTS.values():
            table = f'raw."{contract.raw_table}"'
            found[table] = rows(f"select md5(r::text) from (select * from {table}) as t, "
                                "lateral (select (to_jsonb(t) - '_loaded_at')::text as r) as j order by 1")  # fmt: skip
        found["vault"] = sorted(
            (token, kind, keys.decrypt(bytes(sealed)))
            for token, kind, sealed in rows("select token, kind, ciphertext from vault.values")
        )
        found["quarantine"] = sorted(
            (*place, keys.decrypt(bytes(payload)))
            for *place, payload in rows(
                "select load_id, record_number, byte_offset, entity, column_name, reason, payload"
                " from quarantine.records"
            )
        )
        found["loads"] = rows(
            "select load_id, source, export, file_name, records, loaded, quarantined, filtered, complete_through"
            " from ops.loads order by load_id"
        )
        found["reasons"] = rows(
            "select load_id, outcome, column_name, reason, records from ops.load_reasons order by 1, 2, 3, 4"
        )
        found["entities"] = rows("select load_id, entity, rows from ops.load_entities order by 1, 2")
    return found


def compare(two_warehouses: list[Settings], landing: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    quick, exact = two_warehouses
    fill(quick, landing)
    monkeypatch.setattr(load, "plan", lambda *_: "for comparison")
    fill(exact, landing)
    found, expected = contents(quick), contents(exact)
    for part, value in expected.items():
        assert found[part] == value, part
    return found


def test_generated_exports_of_the_shipped_sources(
    two_warehouses: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path / "exports", customers=300, days=60, dirt=0.02)
    found = compare(two_warehouses, tmp_path / "exports", monkeypatch)
    assert sum(load[4] for load in found["loads"]) > 5_000
    assert found["quarantine"]
    assert found["vault"]


def test_real_exports(
    two_warehouses: list[Settings], real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare(two_warehouses, real_data, monkeypatch)
    assert sum(load[4] for load in found["loads"]) > 75_000


CONTRACT = CONTRACTS["pos", "transactions"]
CLOSED_AT = datetime(2026, 1, 1, tzinfo=UTC)
VALUES = {"transaction_id": "t1", "location_id": "s", "channel": "store", "closed_at": CLOSED_AT, "status": "completed",
          "total": Decimal("9.50"), "currency": "USD", "is_deleted": False}  # fmt: skip
FORMAT = RowFormat(CONTRACT, [column for column in CONTRACT.columns if column.name in VALUES], "shop", 1)


def good_row() -> memoryview:
    frame = frame_of(FORMAT.columns, [[VALUES[column.name] for column in FORMAT.columns]])
    [written] = FORMAT.encode(frame, np.array([1]), np.array([microseconds(CLOSED_AT)]))
    return written


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    raw = warehouse.engine(settings, Role.LOADER).raw_connection()
    assert isinstance(raw.driver_connection, psycopg.Connection)
    yield raw.driver_connection
    raw.close()


def put_all(connection: psycopg.Connection, batches: Iterable[Batch]) -> None:
    with BatchWriter(connection, {"transactions": FORMAT}, list, 1) as writer:
        for batch in batches:
            writer.put(batch)


def test_a_failing_copy_is_raised_and_does_not_keep_the_reader_waiting(connection: psycopg.Connection) -> None:
    """A few batches can be taken before the first one's failure is known: under way or waiting in the two threads."""
    taken = count()
    batches = (Batch(rows={"transactions": [[memoryview(b"%d" % next(taken))]]}) for _ in range(100))
    with pytest.raises(psycopg.errors.BadCopyFileFormat):
        put_all(connection, batches)
    assert next(taken) < 100


def test_a_reader_that_fails_leaves_nothing_behind(connection: psycopg.Connection) -> None:
    def batches() -> Iterator[Batch]:
        yield Batch(rows={"transactions": [[good_row()]]}, secrets={bytes(16): (PersonalKind.EMAIL, "a@example.com")})
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        put_all(connection, batches())
    connection.rollback()
    assert connection.execute("select count(*) from raw.pos_transactions").fetchone() == (0,)


def test_what_was_put_is_written_when_the_block_is_left(connection: psycopg.Connection) -> None:
    tokens = [number.to_bytes(16, "big") for number in range(5)]
    batches = (Batch(rows={"transactions": [[good_row()]]}, secrets={t: (PersonalKind.EMAIL, "a")}) for t in tokens)
    put_all(connection, batches)
    for table in ("raw.pos_transactions", "vault.values"):
        assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (5,)


def test_of_two_loads_that_bring_the_same_person_the_second_waits_and_goes_on(
    connection: psycopg.Connection, settings: Settings
) -> None:
    """It meets the first one's value when that is committed, and must lose none of its own."""

    def bring(by: psycopg.Connection, *tokens: str) -> None:
        secrets = {bytes.fromhex(token * 32): (PersonalKind.EMAIL, "a@example.com") for token in tokens}
        put_all(by, [Batch(rows={"transactions": [[good_row()]]}, secrets=secrets)])

    bring(connection, "1", "2")
    raw = warehouse.engine(settings, Role.LOADER).raw_connection()
    second = raw.driver_connection
    assert isinstance(second, psycopg.Connection)

    def is_waiting() -> bool:
        return connection.execute("select pg_blocking_pids(%s)", (second.info.backend_pid,)).fetchone() != ([],)

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(bring, second, "0", "1", "3")
        try:
            has_waited = wait_until(is_waiting, 30)
        finally:
            connection.commit()
        loading.result(timeout=30)
    second.commit()
    assert has_waited
    tokens = "select string_agg(left(cast(token as text), 1), '' order by token) from vault.values"
    assert connection.execute(tokens).fetchone() == ("0123",)
    assert connection.execute("select count(*) from raw.pos_transactions").fetchone() == (2,)
    raw.close()
