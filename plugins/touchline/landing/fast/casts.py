"""Casts whole columns of texts to a contract's type, where their shape leaves no doubt."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from touchline.contracts import Column, ColumnType
from touchline.mapping import Values

_NULL = pl.Series([None], dtype=pl.String)


@dataclass(frozen=True)
class Vector:
    """`text`: the value as COPY text (text columns not yet escaped), null where the value is null or in doubt.

    `sure`: where `text` is what the judge would find; None stands for everywhere.
    """

    text: pl.Expr
    sure: pl.Expr | None = None


def shaped(source: pl.Expr, column: Column, values: Values) -> Vector | None:
    """The cast of texts to types other than timestamps and decimals; None if there is no quick one."""
    if column.type is ColumnType.TEXT:
        return text_checked(source, column)
    match column.type:
        case ColumnType.INTEGER:
            return _integer(source, column)
        case ColumnType.BOOLEAN:
            return chosen(source, dict.fromkeys(values.true, "t") | dict.fromkeys(values.false, "f"))
    return None


def text_checked(source: pl.Expr, column: Column) -> Vector | None:
    """Text under the contract's checks."""
    if column.type is not ColumnType.TEXT or column.pattern is not None:
        return None
    if column.allowed is None:
        return Vector(source)
    return Vector(source, source.is_null() | among(source, column.allowed))


def chosen(source: pl.Expr, texts: Mapping[str, str]) -> Vector:
    """Values from a list: export text → COPY text; any other text is in doubt."""
    if not texts:
        return Vector(pl.lit(None, pl.String), source.is_null())
    listed = source.replace_strict(list(texts), list(texts.values()), default=None, return_dtype=pl.String)
    return Vector(listed, source.is_null() | among(source, texts))


def among(source: pl.Expr, texts: Collection[str]) -> pl.Expr:
    """Whether a value is one of some; a null is not."""
    return source.is_in(list(texts)).fill_null(value=False) if texts else pl.lit(value=False)


def _integer(source: pl.Expr, column: Column) -> Vector:
    shape = source.str.contains(r"^(0|-?[1-9][0-9]{0,8})$")
    return Vector(source, source.is_null() | (shape & _in_range(source.cast(pl.Int64, strict=False), column)))


class Decimals:
    """Gives COPY text at the column's scale for decimals it is sure of, null for other texts."""

    def __init__(self, column: Column, mark: str) -> None:
        precision, scale = column.precision or 0, column.scale or 0
        whole = precision - scale
        self._mark = mark
        self._type = pl.Decimal(precision, scale)
        self._column = column
        whole_part = rf"^(0|-?[1-9][0-9]{{0,{whole - 1}}})"
        self._loose = rf"{whole_part}(\{mark}[0-9]{{1,{scale}}})?$" if scale else rf"{whole_part}$"
        # What is written at full scale stays as it is.
        self._full = rf"{whole_part}\{mark}[0-9]{{{scale}}}$" if scale else rf"{whole_part}$"

    @staticmethod
    def can_cast(column: Column) -> bool:
        """Whether Polars has decimals of this size."""
        precision = column.precision or 0
        return precision <= 38 and precision > (column.scale or 0)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """COPY text of each value, null where it is null or not sure."""
        number = texts.str.replace(self._mark, ".", literal=True) if self._mark != "." else texts
        if not self._is_bounded and texts.str.contains(self._full).all():
            return number
        decimals = number.zip_with(texts.str.contains(self._loose), _NULL).cast(self._type, strict=False)
        if self._is_bounded:
            inside = pl.select(_in_range(pl.lit(decimals), self._column)).to_series()
            decimals = decimals.zip_with(inside, _NULL.cast(self._type))
        return decimals.cast(pl.String)

    @property
    def _is_bounded(self) -> bool:
        return self._column.minimum is not None or self._column.maximum is not None


def _in_range(number: pl.Expr, column: Column) -> pl.Expr:
    inside = number.is_not_null()
    if column.minimum is not None:
        inside &= number >= column.minimum
    if column.maximum is not None:
        inside &= number <= column.maximum
    return inside
