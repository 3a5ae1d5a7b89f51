"""Casts whole columns of texts to a contract's type, where their shape leaves no doubt."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from touchline.contracts import Column, ColumnType
from touchline.landing.physical import Physical, dtype, is_wide
from touchline.mapping import Values

_NULL = pl.Series([None], dtype=pl.String)
_NO_NUMBER = pl.Series([None], dtype=pl.Int64)


@dataclass(frozen=True)
class Vector:
    """`value`: physical values, or the texts of a personal column; null where the value is null or in doubt.

    `sure`: where `value` is what the judge would find; None stands for everywhere.
    """

    value: pl.Expr
    sure: pl.Expr | None = None


def shaped(source: pl.Expr, column: Column, values: Values) -> Vector | None:
    """The cast of texts to types other than timestamps and decimals; None if there is no quick one."""
    match column.type:
        case ColumnType.TEXT:
            return text_checked(source, column)
        case ColumnType.INTEGER:
            return _integer(source, column)
        case ColumnType.BOOLEAN:
            return chosen(source, dict.fromkeys(values.true, True) | dict.fromkeys(values.false, False), column)
    return None


def text_checked(source: pl.Expr, column: Column) -> Vector | None:
    """Text under the contract's checks."""
    if column.type is not ColumnType.TEXT or column.pattern is not None:
        return None
    if column.allowed is None:
        return Vector(source)
    return Vector(source, source.is_null() | among(source, column.allowed))


def chosen(source: pl.Expr, values: Mapping[str, Physical], column: Column) -> Vector:
    """Values from a list: export text → physical value; any other text is in doubt."""
    if not values:
        return Vector(pl.lit(None, dtype(column)), source.is_null())
    listed = source.replace_strict(list(values), list(values.values()), default=None, return_dtype=dtype(column))
    return Vector(listed, source.is_null() | among(source, values))


def among(source: pl.Expr, texts: Collection[str]) -> pl.Expr:
    """Whether a value is one of some; a null is not."""
    return source.is_in(list(texts)).fill_null(value=False) if texts else pl.lit(value=False)


def _integer(source: pl.Expr, column: Column) -> Vector:
    shape = source.str.contains(r"^(0|-?[1-9][0-9]{0,8})$")
    number = source.cast(pl.Int64, strict=False)
    sure = source.is_null() | (shape & _in_range(number, column))
    return Vector(source if column.personal else number, sure)


class Decimals:
    """Gives unscaled numbers for the decimals it is sure of, null for other texts."""

    def __init__(self, column: Column, mark: str) -> None:
        precision, scale = column.precision or 0, column.scale or 0
        whole = precision - scale
        self._mark = mark
        self._scale = scale
        self._type = pl.Decimal(precision, scale)
        self._column = column
        whole_part = rf"^-?[0-9]{{1,{whole}}}"
        self._loose = rf"{whole_part}(\{mark}[0-9]{{1,{scale}}})?$" if scale else rf"{whole_part}$"
        # Written at full scale, a decimal without its mark is the unscaled number.
        self._full = rf"{whole_part}\{mark}[0-9]{{{scale}}}$" if scale else rf"{whole_part}$"

    @staticmethod
    def can_cast(column: Column) -> bool:
        """Whether its unscaled numbers fit into 64 bits."""
        return not is_wide(column) and (column.precision or 0) > (column.scale or 0)

    def __call__(self, texts: pl.Series) -> pl.Series:
        """The unscaled number of each value, null where it is null or not sure."""
        if texts.str.contains(self._full).all():
            numbers = texts.str.replace(self._mark, "", literal=True).cast(pl.Int64)
        else:
            decimals = texts.str.replace(self._mark, ".", literal=True) if self._mark != "." else texts
            sure = decimals.zip_with(texts.str.contains(self._loose), _NULL)
            numbers = sure.cast(self._type, strict=False).to_physical().cast(pl.Int64)
        bounded = numbers.to_frame("number").select(_in_range(pl.col("number"), self._column, 10**self._scale))
        return numbers.zip_with(bounded.to_series(), _NO_NUMBER)


def _in_range(number: pl.Expr, column: Column, unit: int = 1) -> pl.Expr:
    inside = number.is_not_null()
    if column.minimum is not None:
        inside &= number >= column.minimum * unit
    if column.maximum is not None:
        inside &= number <= column.maximum * unit
    return inside
