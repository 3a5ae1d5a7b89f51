"""How typed values stand in a frame on their way to binary COPY: as the numbers that Postgres keeps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl

from touchline.contracts import Column, ColumnType
from touchline.landing.values import EXACT, Value

Physical = str | int | bool | None
"""Text; a number, unscaled (12.50 at scale 2 is 1250); microseconds or days since 1970; a token in hexadecimal."""

MAX_DIGITS = 18
"""Decimals of more digits are kept as the text of the unscaled number."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_TYPES: dict[ColumnType, Any] = {
    ColumnType.TEXT: pl.String,
    ColumnType.INTEGER: pl.Int64,
    ColumnType.BOOLEAN: pl.Boolean,
    ColumnType.TIMESTAMP: pl.Int64,
    ColumnType.DATE: pl.Int64,
    ColumnType.NUMERIC: pl.Int64,
}


def is_wide(column: Column) -> bool:
    """Whether the column's decimals do not fit into 64 bits."""
    return column.type is ColumnType.NUMERIC and (column.precision or 0) > MAX_DIGITS


def dtype(column: Column) -> Any:
    """Type of the column in a frame."""
    return pl.String if column.personal or is_wide(column) else _TYPES[column.type]


def physical(value: Value | UUID, column: Column) -> Physical:
    """One value of the column; equal values become equal ones."""
    match value:
        case None | bool():
            return value
        case UUID():
            return value.hex
        case Decimal():
            unscaled = int(value.scaleb(column.scale or 0, EXACT))
            return str(unscaled) if is_wide(column) else unscaled
        case datetime() if column.type is not ColumnType.TEXT:
            return days(value) if column.type is ColumnType.DATE else microseconds(value)
        case date() if column.type is not ColumnType.TEXT:
            return days(value)
        case int() if column.type is not ColumnType.TEXT:
            return value
    return str(value)


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """What `microseconds` was made of."""
    return _EPOCH + micros * _MICROSECOND


def days(day: date) -> int:
    """Since 1970."""
    return day.toordinal() - _FIRST_DAY


def frame_of(columns: Sequence[Column], rows: Sequence[Sequence[Value | UUID]]) -> pl.DataFrame:
    """Rows of typed values as a frame, columns named as in `raw`."""
    series = (
        pl.Series(column.raw_name, [physical(row[place], column) for row in rows], dtype(column))
        for place, column in enumerate(columns)
    )
    return pl.DataFrame(series)
