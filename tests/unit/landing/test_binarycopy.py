"""Rows written for binary COPY, read back by a real Postgres; digests against their definition in plain arithmetic."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from touchline.contracts import Column, ColumnType, Contract, Delivery, PersonalKind
from touchline.landing.binarycopy import HEADER, TRAILER, RowFormat
from touchline.landing.physical import frame_of, microseconds, moment, physical
from touchline.landing.values import EXACT
from touchline.raw_schema import LOADER_COLUMNS

COLUMNS = (
    Column("id", ColumnType.TEXT, "", is_required=True),
    Column("note", ColumnType.TEXT, "", is_required=False),
    Column("at", ColumnType.TIMESTAMP, "", is_required=False),
    Column("day", ColumnType.DATE, "", is_required=False),
    Column("persons", ColumnType.INTEGER, "", is_required=False),
    Column("is_new", ColumnType.BOOLEAN, "", is_required=False),
    Column("email", ColumnType.TEXT, "", is_required=False, personal=PersonalKind.EMAIL),
    Column("amount", ColumnType.NUMERIC, "", is_required=False, precision=14, scale=2),
    Column("whole", ColumnType.NUMERIC, "", is_required=False, precision=18, scale=0),
    Column("tiny", ColumnType.NUMERIC, "", is_required=False, precision=18, scale=17),
    Column("wide", ColumnType.NUMERIC, "", is_required=False, precision=38, scale=9),
)
CONTRACT = Contract("pos", "things", "1", "", COLUMNS, Delivery.UPSERT, "at", None)
BASE = ("a", *[None] * 10)
FORMAT = RowFormat(CONTRACT, COLUMNS, "商店", 7)


def number(digits: int, scale: int) -> st.SearchStrategy[Decimal]:
    """Every size of number is as likely as any other."""
    unscaled = st.integers(0, digits).flatmap(lambda n: st.integers(-(10**n) + 1, 10**n - 1))
    return unscaled.map(lambda value: Decimal(value).scaleb(-scale, EXACT))


_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
ROWS = st.lists(
    st.tuples(
        st.one_of(_text, st.integers(0, 5000).map("é".__mul__)),
        st.none() | st.sampled_from(["", "\\N", "\t", "x"]),
        st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda m: m.replace(tzinfo=UTC)),  # noqa: DTZ001
        st.none() | st.dates(),
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.booleans(),
        st.none() | st.uuids(),
        st.none() | number(14, 2),
        st.none() | number(18, 0),
        st.none() | number(18, 17),
        st.none() | number(38, 9),
    ),
    min_size=1,
    max_size=30,
)


def encode(rows: Sequence[Sequence[Any]]) -> bytes:
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    versions = np.full(len(rows), microseconds(datetime(2026, 1, 2, 3, 4, 5, 6, UTC)), np.int64)
    return b"".join(FORMAT.encode(frame_of(COLUMNS, rows), numbers, versions))


@pytest.fixture
def connection(postgres_url: str) -> Any:
    url = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as opened:
        columns = [f'"{column.raw_name}" {column.raw_type}' for column in COLUMNS]
        columns += [f"{name} {kind}" for name, kind in LOADER_COLUMNS]
        opened.execute("create schema raw")
        opened.execute(f"create table raw.pos_things ({', '.join(columns)})".encode())
        opened.execute("set timezone to 'UTC'")
        yield opened


@example([(*BASE[:9], Decimal("4.18446744073709552"), None)])
@example([(*BASE[:10], EXACT.scaleb(Decimal(10**38 - 1), -9))])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_postgres_reads_what_was_written(connection: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.execute("truncate raw.pos_things")
    with connection.cursor() as cursor, cursor.copy(FORMAT.copy_into(CONTRACT.raw_table)) as copy:
        copy.write(HEADER + encode(rows) + TRAILER)
    found = connection.execute("select * from raw.pos_things order by _record_number").fetchall()
    assert [row[: len(COLUMNS)] for row in found] == rows
    version = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
    loader = [(source, load, at) for source, load, _, at, _, _ in (row[len(COLUMNS) :] for row in found)]
    assert loader == [("商店", 7, version)] * len(rows)
    scales = connection.execute("select distinct scale(amount), scale(tiny) from raw.pos_things where amount = tiny")
    assert all(row == (2, 17) for row in scales)


def digests(rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """The last 16 bytes of each row; rows are written one by one to find them."""
    return [encode([row])[-16:] for row in rows]


def expected_digest(row: Sequence[Any]) -> bytes:
    """Two sums over the row's words of 64 bits, each word folded and times an odd number drawn for its column."""
    sums = [0, 0]
    for column, value in zip(COLUMNS, row, strict=True):
        words = said(column, value)
        drawn = hashlib.shake_128(column.name.encode()).digest(16 * len(words))
        for place, word in enumerate(words):
            for half in range(2):
                start = 16 * place + 8 * half
                factor = int.from_bytes(drawn[start : start + 8], "little") | 1
                sums[half] += (word ^ word >> 32) * factor
    return b"".join((total % 2**64).to_bytes(8, "big") for total in sums)


def said(column: Column, value: Any) -> list[int]:
    """A text's length plus one and its bytes; one and the number for anything else; nothing for a null."""
    kept = physical(value, column)
    if value is None:
        return []
    if column.personal:
        return [1, *(int.from_bytes(value.bytes[at : at + 8], "little") for at in (0, 8))]
    if column.type is ColumnType.TEXT:
        data = value.encode()
        return [len(data) + 1, *(int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8))]
    if column.name == "wide":
        return [1, int(kept) % 2**64, (int(kept) >> 64) % 2**64]  # type: ignore[arg-type]
    return [1, int(kept) % 2**64]  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_a_digest_depends_on_its_row_alone(rows: list[tuple[Any, ...]]) -> None:
    found = digests(rows)
    assert found == [expected_digest(row) for row in rows]
    together = encode(rows)
    assert all(digest in together for digest in found)


def test_rows_that_differ_in_one_place_have_other_digests() -> None:
    """Null, empty and zero; the same words in another column; parts of a text moved; a sign."""
    empty = [BASE, ("a", "", *BASE[2:]), ("", "a", *BASE[2:]), (*BASE[:4], 0, *BASE[5:]), (*BASE[:5], False, *BASE[6:])]
    numbers = [(*BASE[:place], Decimal(0), *BASE[place + 1 :]) for place in (7, 8, 9, 10)]
    signs = [(*BASE[:10], Decimal(sign)) for sign in (1, -1)]
    texts = [(text, *BASE[1:]) for text in ("abcdefgh12345678", "12345678abcdefgh", "abcdefgh1234567", "a ", " a")]
    token = (*BASE[:6], UUID(int=0), *BASE[7:])
    rows = [*empty, *numbers, *signs, *texts, token]
    assert len(set(digests(rows))) == len(rows)


def test_moments_and_their_numbers_are_the_same() -> None:
    """1970-01-01 is 0; the first and last days that Python knows."""
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert physical(date(1970, 1, 2), COLUMNS[3]) == 1
    for known in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)):
        assert moment(microseconds(known)) == known
