"""Casts the text of an export to the contract's types. A value it cannot cast raises BadValue, never guesses."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from zoneinfo import ZoneInfo

from touchline.contracts import Column, ColumnType
from touchline.mapping import Values

Value = str | int | bool | Decimal | datetime | date | None
Caster = Callable[[str], Value]

INTEGER_LIMIT = 2**31
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Decimal's own context keeps 28 digits and rounds the others away; a contract may have 38."""


class BadValue(Exception):
    """A value that is not of its type. The message names the class of the fault, never the value itself."""


def caster(column: Column, values: Values, zone: ZoneInfo) -> Caster:
    """The function that turns export text into the column's type."""
    match column.type:
        case ColumnType.TEXT:
            cast: Caster = _text
        case ColumnType.INTEGER:
            cast = whole_number
        case ColumnType.NUMERIC:
            cast = _numeric(column, values.decimal)
        case ColumnType.BOOLEAN:
            cast = _boolean(values)
        case ColumnType.TIMESTAMP:
            cast = timestamp_parser(values.timestamp, zone)
        case ColumnType.DATE:
            cast = _date(values.date)
    return _checked(cast, column)


def timestamp_parser(fmt: str | None, zone: ZoneInfo) -> Callable[[str], datetime]:
    """Parser to UTC; a time without offset is wall-clock time of `zone`."""

    def parse(text: str) -> datetime:
        try:
            moment = datetime.strptime(text, fmt) if fmt else datetime.fromisoformat(text)  # noqa: DTZ007 - to_utc adds it
            return to_utc(moment, zone)
        except (ValueError, OverflowError):
            raise BadValue(f"not a timestamp ({fmt or 'ISO 8601'})") from None

    return parse


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """In a repeated hour the first one is meant; in a skipped hour the clock has already moved on."""
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(UTC)


def check(value: Value, column: Column) -> Value:
    """Apply the contract's allowed values, range and pattern."""
    if column.allowed is not None and value not in column.allowed:
        raise BadValue(f"not one of {', '.join(sorted(column.allowed))}")
    if isinstance(value, int | Decimal):
        if column.minimum is not None and value < column.minimum:
            raise BadValue(f"below {column.minimum}")
        if column.maximum is not None and value > column.maximum:
            raise BadValue(f"above {column.maximum}")
    if column.pattern and isinstance(value, str) and not column.pattern.search(value):
        raise BadValue(f"does not match {column.pattern.pattern}")
    return value


def _checked(cast: Caster, column: Column) -> Caster:
    if column.allowed is None and column.minimum is None and column.maximum is None and column.pattern is None:
        return cast
    return lambda text: check(cast(text), column)


def _text(text: str) -> str:
    if "\x00" in text:
        raise BadValue("contains a NUL character")
    return text


def whole_number(text: str) -> int:
    """An integer as exports write it: 109 and 109.0 are the same."""
    if not re.fullmatch(r"[+-]?\d+(\.0+)?", text, re.ASCII):
        raise BadValue("not a whole number")
    number = int(text.partition(".")[0])
    if not -INTEGER_LIMIT <= number < INTEGER_LIMIT:
        raise BadValue("too large for an integer")
    return number


def _numeric(column: Column, decimal_mark: str) -> Caster:
    scale = column.scale or 0
    limit = Decimal(10) ** ((column.precision or 0) - scale)
    shape = re.compile(rf"[+-]?(\d+({re.escape(decimal_mark)}\d*)?|{re.escape(decimal_mark)}\d+)", re.ASCII)

    def cast(text: str) -> Decimal:
        if not shape.fullmatch(text):
            raise BadValue("not a decimal number")
        return fit(Decimal(text.replace(decimal_mark, ".")), scale, limit)

    return cast


def floating(text: str, decimal_mark: str) -> Decimal:
    """A finite decimal or floating-point number as written by a program."""
    mark = re.escape(decimal_mark)
    if not re.fullmatch(rf"[+-]?(\d+({mark}\d*)?|{mark}\d+)([eE][+-]?\d{{1,3}})?", text, re.ASCII):
        raise BadValue("not a decimal number")
    return Decimal(text.replace(decimal_mark, "."))


def fit(number: Decimal, scale: int, limit: Decimal) -> Decimal:
    """The number at the declared scale; digits that would be lost, or too many, make it bad."""
    exponent = number.normalize(EXACT).as_tuple().exponent
    if isinstance(exponent, int) and -exponent > scale:
        raise BadValue(f"more than {scale} decimals")
    if number.copy_abs() >= limit:
        raise BadValue("too large for its declared precision")
    return number.quantize(Decimal(1).scaleb(-scale), context=EXACT)


def _boolean(values: Values) -> Caster:
    words = dict.fromkeys(values.true, True) | dict.fromkeys(values.false, False)

    def cast(text: str) -> bool:
        try:
            return words[text]
        except KeyError:
            raise BadValue("not a yes/no value") from None

    return cast


def _date(fmt: str | None) -> Caster:
    def cast(text: str) -> date:
        try:
            return datetime.strptime(text, fmt).date() if fmt else date.fromisoformat(text)  # noqa: DTZ007 - a local date
        except ValueError:
            raise BadValue(f"not a date ({fmt or 'ISO 8601'})") from None

    return cast
