"""Casting: exact, or refused with the class of the fault."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from touchline.contracts import Column, ColumnType, load_contracts
from touchline.landing.physical import physical
from touchline.landing.values import BadValue, caster
from touchline.mapping import Values

BERLIN = ZoneInfo("Europe/Berlin")
MONEY = Column("amount", ColumnType.NUMERIC, "", is_required=False, precision=14, scale=2)
STARTED = Column("started_at", ColumnType.TIMESTAMP, "", is_required=False)


def cast(column: Column, text: str, values: Values | None = None) -> object:
    return caster(column, values or Values(), BERLIN)(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", Decimal("12.50")),
        ("-0.01", Decimal("-0.01")),
        ("+7", Decimal("7.00")),
        (".5", Decimal("0.50")),
        ("1.500", Decimal("1.50")),
        ("1." + "0" * 40, Decimal("1.00")),
    ],
)
def test_money(text: str, expected: Decimal) -> None:
    assert cast(MONEY, text) == expected


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "1e3", "1_000", "1,000.00", "12.505", "٣", "", "1" * 13, "--1", "0x1F", "1." + "0" * 40 + "1"],
)
def test_what_is_no_money(text: str) -> None:
    with pytest.raises(BadValue):
        cast(MONEY, text)


def test_all_38_digits_of_the_widest_number_are_kept() -> None:
    """Python's own arithmetic would round after 28 digits: 99999999999999999999999999999.999999999 to 10^29."""
    widest = replace(MONEY, precision=38, scale=9)
    text = "9" * 29 + "." + "9" * 9
    kept = cast(widest, text)
    assert str(kept) == text
    assert physical(kept, widest) == "9" * 38  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="too large"):
        cast(widest, "1" + "0" * 29)


def test_decimal_comma() -> None:
    assert cast(MONEY, "12,50", Values(decimal=",")) == Decimal("12.50")
    with pytest.raises(BadValue):
        cast(MONEY, "12.50", Values(decimal=","))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-15T12:00:00Z", "2026-01-15T12:00:00"),
        ("2026-01-15T12:00:00+05:30", "2026-01-15T06:30:00"),
        # Without offset: Berlin's wall clock, one hour ahead of UTC in winter, two in summer.
        ("2026-01-15T12:00:00", "2026-01-15T11:00:00"),
        ("2026-07-15 12:00:00", "2026-07-15T10:00:00"),
        # 25 October 2026, 02:30 happens twice; the first one is still summer time.
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        # 29 March 2026, 02:30 does not happen; the clock already shows 03:30 summer time.
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00"),
    ],
)
def test_timestamps(text: str, utc: str) -> None:
    assert cast(STARTED, text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "2026-02-30T00:00", "10000-01-01", "9999-12-31T23:59:59-12:00", ""]
)
def test_what_is_no_timestamp(text: str) -> None:
    with pytest.raises(BadValue):
        cast(STARTED, text)


def test_declared_formats() -> None:
    day = Column("day", ColumnType.DATE, "", is_required=False)
    assert cast(day, "31.12.2026", Values(date="%d.%m.%Y")) == date(2026, 12, 31)
    assert cast(STARTED, "12/31/2026 23:30", Values(timestamp="%m/%d/%Y %H:%M")) == datetime(
        2026, 12, 31, 22, 30, tzinfo=UTC
    )


def test_integers_and_range() -> None:
    severity = Column("severity", ColumnType.INTEGER, "", is_required=False, minimum=1, maximum=4)
    assert cast(severity, "3") == 3
    assert cast(severity, "3.0") == 3
    for text in ("0", "5", "2.5", "9999999999", "three"):
        with pytest.raises(BadValue):
            cast(severity, text)


def test_text_with_nul_is_refused() -> None:
    with pytest.raises(BadValue, match="NUL"):
        cast(Column("name", ColumnType.TEXT, "", is_required=False), "a\x00b")


def test_messages_never_repeat_the_value() -> None:
    contracts = load_contracts(Path(__file__).parents[3] / "expectations" / "contracts")
    columns = [column for contract in contracts.values() for column in contract.columns]
    typed = [column for column in columns if column.type is not ColumnType.TEXT or column.allowed or column.pattern]
    assert len(typed) > 50
    for column in typed:
        with pytest.raises(BadValue) as caught:
            cast(column, "anna@example.com")
        assert "anna" not in str(caught.value)
