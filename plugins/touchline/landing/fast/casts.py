"""Casts whole columns of texts to a contract's type, where their shape leaves no doubt."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import Column, ColumnType
from touchline.landing.fast import digits
from touchline.landing.fields import Texts
from touchline.landing.physical import Physical, dtype, is_wide
from touchline.mapping import Values

_PLAIN_PATTERN = re.compile(
    r"\^(?:\[[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*\](?:\{[0-9]+(?:,[0-9]+)?\}|[+*?])?|[A-Za-z0-9_-])+\$"
)
"""Patterns of ASCII classes and repetitions, which say the same in every language of patterns."""
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
    if column.type is not ColumnType.TEXT:
        return None
    checks = []
    if column.allowed is not None:
        checks.append(among(source, column.allowed))
    if column.pattern is not None:
        if not _PLAIN_PATTERN.fullmatch(column.pattern.pattern):
            return None
        checks.append(source.str.contains(column.pattern.pattern))
    return Vector(source, source.is_null() | pl.all_horizontal(checks) if checks else None)


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
        self._column = column
        self._mark = mark
        self._scale = column.scale or 0
        self._whole = (column.precision or 0) - self._scale
        self._type = pl.Decimal(column.precision, self._scale)
        self._loose = rf"^-?[0-9]{{1,{self._whole}}}(\{mark}[0-9]{{1,{self._scale}}})?$" if self._scale else "$^"

    @staticmethod
    def can_cast(column: Column) -> bool:
        """Whether its unscaled numbers fit into 64 bits."""
        return not is_wide(column) and (column.precision or 0) > (column.scale or 0)

    def __call__(self, texts: Texts) -> pl.Series:
        """The unscaled number of each value, null where it is null or not sure."""
        found, sure = self._at_full_scale(texts)
        numbers = pl.Series(found)
        if not sure.all():
            others = np.flatnonzero(~sure & (texts.lengths >= 0))
            numbers = numbers.zip_with(pl.Series(sure), _NO_NUMBER)
            numbers = numbers.scatter(pl.Series(others), self._at_any_scale(texts.at(others).strings()))
        if self._column.minimum is None and self._column.maximum is None:
            return numbers
        bounded = numbers.to_frame("number").select(_in_range(pl.col("number"), self._column, 10**self._scale))
        return numbers.zip_with(bounded.to_series(), _NO_NUMBER)

    def _at_full_scale(self, texts: Texts) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Numbers written with all decimals, and which texts are."""
        sizes = texts.lengths
        point = self._scale + 1 if self._scale else 0
        width = max(min(int(sizes.max()), self._whole + point + 1), point + 1)
        places = digits.from_end(texts, width)
        is_negative = np.zeros(len(sizes), np.bool_)
        sure = sizes <= width
        total = np.zeros(len(sizes), np.int64)
        unit = 1
        for place in range(width):
            if point and place == self._scale:
                sure &= places[place] == ord(self._mark)
                continue
            digit = places[place] - np.uint8(ord("0"))
            is_digit = digit < 10
            if place > point:
                is_sign = (sizes == place + 1) & (places[place] == ord("-"))
                is_negative |= is_sign
                sure &= is_digit | is_sign | (sizes <= place)
                digit = digit * is_digit
            else:
                sure &= is_digit
            total += digit * np.int64(unit)
            unit *= 10
        sure &= sizes - is_negative <= self._whole + point
        return np.where(is_negative, -total, total), sure

    def _at_any_scale(self, texts: pl.Series) -> pl.Series:
        decimals = texts.str.replace(self._mark, ".", literal=True) if self._mark != "." else texts
        fitting = decimals.zip_with(texts.str.contains(self._loose), _NULL)
        return fitting.cast(self._type, strict=False).to_physical().cast(pl.Int64)


def _in_range(number: pl.Expr, column: Column, unit: int = 1) -> pl.Expr:
    inside = number.is_not_null()
    if column.minimum is not None:
        inside &= number >= column.minimum * unit
    if column.maximum is not None:
        inside &= number <= column.maximum * unit
    return inside
