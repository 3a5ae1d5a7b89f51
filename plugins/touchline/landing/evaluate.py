"""Turns mapping expressions into functions over one record's fields."""

import hashlib
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from touchline.contracts import Column, ColumnType
from touchline.expressions import Concat, Condition, Constant, Expression, FromColumn, RowKey, Shift, Timestamp, When
from touchline.landing.values import EXACT, BadValue, Value, caster, check, floating, timestamp_parser, whole_number
from touchline.mapping import Values

Fields = Sequence[str | None]
"""The record's fields with null tokens resolved to None."""
Row = dict[str, Value]
"""Contract columns computed so far, in mapping order."""
Evaluate = Callable[[Fields, Row], Value]

HALF_A_DAY = timedelta(hours=12)


class Compiler:
    """Compiles the expressions of one file: its header, its way of writing values, its zone."""

    def __init__(self, header: Sequence[str], values: Values, zone: ZoneInfo) -> None:
        self._position = {name: index for index, name in enumerate(header)}
        self._values = values
        self._zone = zone
        self._row_keys: dict[tuple[str, ...], Evaluate] = {}

    def column(self, expression: Expression, column: Column) -> Evaluate:
        """Like `compile`; where the export has no value, the contract's default stands."""
        evaluate = self.compile(expression, column)
        if column.default is None:
            return evaluate
        default = caster(column, Values(), self._zone)(column.default)

        def with_default(fields: Fields, row: Row) -> Value:
            value = evaluate(fields, row)
            return default if value is None else value

        return with_default

    def compile(self, expression: Expression, column: Column) -> Evaluate:
        """A function giving the column's typed value, None for null; it raises BadValue."""
        match expression:
            case Constant():
                return self._constant(expression, column)
            case FromColumn():
                return self._from_column(expression, column)
            case Concat():
                return self._concat(expression, column)
            case Timestamp():
                return self._timestamp(expression)
            case Shift():
                return self._shift(expression, column)
            case When():
                return self._when(expression, column)
            case RowKey():
                # Several entities of one record share its key.
                return self._row_keys.setdefault(expression.row_key, self._row_key(expression))

    def condition(self, condition: Condition) -> Callable[[Fields], bool]:
        """The condition as a test of a record's fields."""
        index = self._position[condition.column]
        return lambda fields: condition.holds(fields[index])

    def _constant(self, expression: Constant, column: Column) -> Evaluate:
        if expression.const is None:
            return lambda _fields, _row: None
        value = caster(column, Values(), self._zone)(str(expression.const))
        return lambda _fields, _row: value

    def _from_column(self, expression: FromColumn, column: Column) -> Evaluate:
        index = self._position[expression.column]
        cast = self._cast(expression, column)
        words, default = expression.values, expression.default

        def evaluate(fields: Fields, _row: Row) -> Value:
            text = fields[index]
            if text is None:
                return None if default is None else cast(default)
            if words is None:
                return cast(text)
            if (mapped := words.get(text, default)) is None:
                raise BadValue("not a value the mapping knows")
            return cast(mapped)

        return evaluate

    def _cast(self, expression: FromColumn, column: Column) -> Callable[[str], Value]:
        if expression.epoch:
            divisor = 1000 if expression.epoch == "ms" else 1
            return lambda text: _from_epoch(text, divisor)
        values = self._values
        if expression.format:
            values = values.model_copy(update={"timestamp": expression.format, "date": expression.format})
        if expression.multiply is None and not expression.round:
            return caster(column, values, self._zone)
        return self._arithmetic(expression, column)

    def _arithmetic(self, expression: FromColumn, column: Column) -> Callable[[str], Value]:
        factor = expression.multiply or Decimal(1)
        digits = Decimal(1).scaleb(-(column.scale or 0)) if expression.round else None
        final = caster(column, Values(), self._zone)
        mark = self._values.decimal

        def cast(text: str) -> Value:
            number = EXACT.multiply(floating(text, mark), factor)
            if digits is not None:
                number = number.quantize(digits, ROUND_HALF_EVEN, EXACT)
            return final(format(number, "f"))

        return cast

    def _concat(self, expression: Concat, column: Column) -> Evaluate:
        text_column = replace(column, type=ColumnType.TEXT, allowed=None, pattern=None)
        parts = [self.compile(part, text_column) for part in expression.concat]

        def evaluate(fields: Fields, row: Row) -> Value:
            values = [part(fields, row) for part in parts]
            if any(value is None for value in values):
                return None
            return check(expression.separator.join(map(str, values)), column)

        return evaluate

    def _timestamp(self, expression: Timestamp) -> Evaluate:
        indexes = [self._position[name] for name in expression.timestamp]
        parse = timestamp_parser(expression.format, self._zone)
        earliest = expression.not_before

        def evaluate(fields: Fields, row: Row) -> Value:
            parts = [fields[index] for index in indexes]
            if any(part is None for part in parts):
                return None
            moment = parse(" ".join(part for part in parts if part is not None))
            bound = row.get(earliest) if earliest else None
            if isinstance(bound, datetime) and moment < bound - HALF_A_DAY:
                moment += timedelta(days=1)
            return moment

        return evaluate

    def _shift(self, expression: Shift, column: Column) -> Evaluate:
        base = self.compile(expression.shift, column)
        amount = expression.months if expression.months is not None else expression.days
        amount = amount if amount is not None else expression.seconds
        move = (
            _move_months
            if expression.months is not None
            else _move_days
            if expression.days is not None
            else _move_seconds
        )
        sign = -1 if expression.back else 1

        def evaluate(fields: Fields, row: Row) -> Value:
            start = base(fields, row)
            steps = fields[self._position[amount]] if isinstance(amount, str) else str(amount)
            if steps is None or start is None:
                return None
            if not isinstance(start, date):
                raise BadValue("date arithmetic needs a date")
            try:
                return move(start, sign * whole_number(steps))
            except (OverflowError, ValueError):
                raise BadValue("date arithmetic leaves the calendar") from None

        return evaluate

    def _when(self, expression: When, column: Column) -> Evaluate:
        branches = [(self.condition(branch.condition), self.compile(branch.then, column)) for branch in expression.when]
        otherwise = self.compile(expression.otherwise, column)

        def evaluate(fields: Fields, row: Row) -> Value:
            for holds, then in branches:
                if holds(fields):
                    return then(fields, row)
            return otherwise(fields, row)

        return evaluate

    def _row_key(self, expression: RowKey) -> Evaluate:
        indexes = [self._position[name] for name in expression.row_key]
        seen: Counter[bytes] = Counter()
        latest: tuple[Fields, str] = ((), "")

        def evaluate(fields: Fields, _row: Row) -> Value:
            nonlocal latest
            if fields is not latest[0]:
                joined = "\x1f".join("\x00" if fields[index] is None else str(fields[index]) for index in indexes)
                digest = hashlib.blake2b(joined.encode(), digest_size=12)
                seen[digest.digest()] += 1
                latest = (fields, f"{digest.hexdigest()}-{seen[digest.digest()]}")
            return latest[1]

        return evaluate


def _from_epoch(text: str, divisor: int) -> datetime:
    try:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=int(text) / divisor)
    except (ValueError, OverflowError):
        raise BadValue("not an epoch time") from None


def _move_months(start: date, months: int) -> date:
    """Calendar months; a day the target month lacks becomes its last day."""
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=years, month=month + 1, day=min(start.day, monthrange(years, month + 1)[1]))


def _move_days(start: date, days: int) -> date:
    return start + timedelta(days=days)


def _move_seconds(start: date, seconds: int) -> date:
    return start + timedelta(seconds=seconds)
