"""Compiles mapping expressions into vectors: expressions over the columns of a chunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from zoneinfo import ZoneInfo

import polars as pl

from touchline.contracts import Column, ColumnType
from touchline.expressions import Concat, Condition, Constant, Expression, FromColumn, Timestamp, When
from touchline.landing.evaluate import Evaluate
from touchline.landing.fast.casts import Decimals, Vector, among, chosen, shaped, text_checked
from touchline.landing.fast.timestamps import Timestamps
from touchline.landing.fields import Texts
from touchline.landing.physical import Physical, dtype, physical
from touchline.landing.values import BadValue, Value
from touchline.mapping import Values


@dataclass(frozen=True)
class Leaf:
    """A step that is taken on whole columns before the vectors are computed; they read it by its name.

    `convert` gives null for what it is not sure of; where it is, and where there is nothing, `sure` holds.
    """

    name: str
    source: pl.Expr
    convert: Callable[[Texts], pl.Series]
    position: int | None
    """The export column whose texts `source` gives, if it is one."""

    @property
    def sure(self) -> str:
        return f"{self.name} sure"


class VectorCompiler:
    """Compiles for one header. `exact` compiles an expression for the judge; it also serves to look values up."""

    def __init__(
        self,
        header: Sequence[str],
        values: Values,
        zone: ZoneInfo,
        exact: Callable[[Expression, Column], Evaluate],
    ) -> None:
        self._position = {name: index for index, name in enumerate(header)}
        self._width = len(header)
        self._values = values
        self._zone = zone
        self._exact = exact
        self._timestamps: dict[str | None, Timestamps] = {}
        self._leaf_names: dict[object, str] = {}
        self.leaves: list[Leaf] = []

    def compile(self, expression: Expression, column: Column) -> Vector | None:
        """The vector of a column's expression, the contract's default included; None if there is none."""
        if column.type is not ColumnType.TEXT and (column.allowed is not None or column.pattern is not None):
            return None
        vector = self._compile(expression, column)
        if vector is None or column.default is None:
            return vector
        default = self._constant(Constant(const=column.default), column)
        return None if default is None else Vector(vector.value.fill_null(default.value), vector.sure)

    def condition(self, condition: Condition) -> pl.Expr:
        """A condition of the mapping; never null."""
        source = self._source(condition.column)
        if condition.is_null is not None:
            return source.is_null() == condition.is_null
        if condition.equals is not None:
            return source.eq_missing(condition.equals)
        if condition.not_equals is not None:
            return source.ne_missing(condition.not_equals)
        if condition.is_in is not None:
            return among(source, condition.is_in)
        return ~among(source, condition.not_in or ())

    def _source(self, name: str) -> pl.Expr:
        return pl.col(str(self._position[name]))

    def _compile(self, expression: Expression, column: Column) -> Vector | None:
        match expression:
            case Constant():
                return self._constant(expression, column)
            case FromColumn():
                return self._from_column(expression, column)
            case Concat():
                return self._concat(expression, column)
            case Timestamp(not_before=None) if column.type is ColumnType.TIMESTAMP:
                return self._timestamp(expression.timestamp, expression.format)
            case When():
                return self._when(expression, column)
        return None

    def _constant(self, expression: Constant, column: Column) -> Vector | None:
        return Vector(pl.lit(before_tokens(self._exact(expression, column)([], {}), column), dtype(column)))

    def _from_column(self, expression: FromColumn, column: Column) -> Vector | None:
        if expression.values is not None:
            return self._listed(expression, column)
        if expression.epoch or expression.multiply is not None or expression.round:
            return None
        source = self._source(expression.column)
        if column.type is ColumnType.TIMESTAMP:
            vector = self._timestamp((expression.column,), expression.format or self._values.timestamp)
        elif column.type is ColumnType.NUMERIC:
            vector = self._decimal(expression.column, column)
        else:
            vector = shaped(source, column, self._values)
        if vector is None or expression.default is None:
            return vector
        outcome = self._outcome(expression, column, None)
        return None if outcome is None else Vector(vector.value.fill_null(outcome), vector.sure)

    def _listed(self, expression: FromColumn, column: Column) -> Vector | None:
        """Few values are possible: each is looked up once."""
        words = list(expression.values or {})
        outcomes = {word: self._outcome(expression, column, word) for word in words}
        found = {word: outcome for word, outcome in outcomes.items() if outcome is not None}
        source = self._source(expression.column)
        vector = chosen(source, found, column)
        if expression.default is None:
            return vector
        default = self._outcome(expression, column, None)
        if default is None:
            return None
        by_default = ~among(source, words)
        value = pl.when(by_default).then(pl.lit(default, dtype(column))).otherwise(vector.value)
        return Vector(value, by_default | among(source, found))

    def _outcome(self, expression: FromColumn, column: Column, text: str | None) -> Physical:
        """What the judge makes of one export value; None if it is bad."""
        fields: list[str | None] = [None] * self._width
        fields[self._position[expression.column]] = text
        try:
            return before_tokens(self._exact(expression, column)(fields, {}), column)
        except BadValue:
            return None

    def _concat(self, expression: Concat, column: Column) -> Vector | None:
        text_column = replace(column, type=ColumnType.TEXT, allowed=None, pattern=None)
        parts = [self._compile(part, text_column) for part in expression.concat]
        vectors = [part for part in parts if part is not None]
        if len(vectors) < len(parts):
            return None
        joined = pl.concat_str([vector.value for vector in vectors], separator=expression.separator)
        checked = text_checked(joined, column)
        if checked is None:
            return None
        doubts = [vector.sure for vector in (*vectors, checked) if vector.sure is not None]
        return Vector(joined, reduce(and_, doubts) if doubts else None)

    def _timestamp(self, names: tuple[str, ...], fmt: str | None) -> Vector | None:
        if not Timestamps.can_read(fmt):
            return None
        convert = self._timestamps.setdefault(fmt, Timestamps(fmt, self._zone))
        return self._leaf((names, fmt), names, convert)

    def _decimal(self, name: str, column: Column) -> Vector | None:
        if not Decimals.can_cast(column):
            return None
        key = (name, column.precision, column.scale, column.minimum, column.maximum)
        return self._leaf(key, (name,), Decimals(column, self._values.decimal))

    def _leaf(self, key: object, names: tuple[str, ...], convert: Callable[[Texts], pl.Series]) -> Vector:
        """A vector that a step of its own computes from columns joined by blanks; equal keys share it."""
        sources = [self._source(name) for name in names]
        source = sources[0] if len(names) == 1 else pl.concat_str(sources, separator=" ")
        name = self._leaf_names.setdefault(key, f"leaf{len(self.leaves)}")
        leaf = Leaf(name, source, convert, self._position[names[0]] if len(names) == 1 else None)
        if len(self._leaf_names) > len(self.leaves):
            self.leaves.append(leaf)
        return Vector(pl.col(name), pl.col(leaf.sure))

    def _when(self, expression: When, column: Column) -> Vector | None:
        branches = [(self.condition(item.condition), self._compile(item.then, column)) for item in expression.when]
        otherwise = self._compile(expression.otherwise, column)
        if otherwise is None:
            return None
        value = otherwise.value
        sure = _or_true(otherwise)
        for condition, vector in reversed(branches):
            if vector is None:
                return None
            value = pl.when(condition).then(vector.value).otherwise(value)
            sure = pl.when(condition).then(_or_true(vector)).otherwise(sure)
        return Vector(value, sure)


def _or_true(vector: Vector) -> pl.Expr:
    return pl.lit(value=True) if vector.sure is None else vector.sure


def before_tokens(value: Value, column: Column) -> Physical:
    """The physical value, but the text of a personal one: tokens are made of whole columns."""
    return str(value) if column.personal and value is not None else physical(value, column)
