"""Certain lines as a frame of texts: fields without outer blanks, null tokens as nulls."""

from functools import cache

import numpy as np
import polars as pl

from touchline.landing.fast.plan import Plan
from touchline.landing.fast.shapes import Shape
from touchline.landing.fields import Texts

LINE = "line"
"""The column that tells a record's line in the chunk."""


class Fields:
    """The texts of a chunk's certain lines, column by column, as they stand between separators."""

    def __init__(self, shape: Shape, plan: Plan) -> None:
        null = plan.export.values.null
        self._cut = shape.cut if not any(null) else None
        self._null_if_empty = "" in null
        self._lines = shape.lines

    @property
    def are_plain(self) -> bool:
        """Whether `texts` can tell them."""
        return self._cut is not None

    def texts(self, position: int | None, lines: pl.Series) -> Texts | None:
        """An export column's texts on some of the lines; None if they are not simply what stands there."""
        if self._cut is None or position is None:
            return None
        found = self._cut.texts(position, self._null_if_empty)
        if len(lines) == len(self._lines):
            return found
        return found.at(np.searchsorted(self._lines, lines.to_numpy()))

    def of(self, position: int, frame: pl.DataFrame) -> pl.Series:
        """An export column's texts on the lines of a frame, which may have left them out."""
        name = str(position)
        if name not in frame.columns and (found := self.texts(position, frame[LINE])):
            return found.strings().alias(name)
        return frame[name]


def read_frame(shape: Shape, plan: Plan, fields: Fields) -> pl.DataFrame:
    """The export columns that the plan reads, named by position, and LINE; no row if the parser sees other lines.

    Columns whose texts are not needed are left out if their fields are plain.
    """
    fmt = plan.export.format
    # Our own header keeps the parser from taking the first bytes for a mark of compression or of byte order.
    header = fmt.separator.join(map(str, range(plan.width))).encode() + b"\n"
    schema = {str(index): pl.String for index in range(plan.width)}
    try:
        frame = pl.read_csv(
            header + shape.text,
            columns=list(plan.evaluated if fields.are_plain else plan.reads),
            separator=fmt.separator,
            quote_char=fmt.quote if shape.has_quotes else None,
            schema=schema,
            empty_string_is_null="" in plan.export.values.null,
        )
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame(schema=schema)
    if frame.height != len(shape.lines):
        return pl.DataFrame(schema=schema | {LINE: pl.Int64})
    # The parser's pieces would be joined again by each step.
    frame = frame.rechunk().with_columns(pl.Series(LINE, shape.lines))
    return _certain(_resolved(frame, shape, plan), plan)


def _resolved(frame: pl.DataFrame, shape: Shape, plan: Plan) -> pl.DataFrame:
    nulls = [token for token in plan.export.values.null if token or shape.may_have_blanks]
    columns = []
    for name in frame.columns:
        column = pl.col(name)
        if name == LINE or not (nulls or shape.may_have_blanks):
            continue
        if shape.may_have_blanks:
            column = column.str.strip_chars(_blanks())
        if nulls:
            column = pl.when(column.is_in(nulls)).then(None).otherwise(column)
        columns.append(column.alias(name))
    return frame.with_columns(columns)


def _certain(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Lines that may be blank are left to the judge."""
    if plan.width > 1 and not plan.export.format.separator.isspace():
        return frame
    names = [str(index) for index in plan.reads]
    return frame.filter(~pl.all_horizontal(pl.col(names).is_null() | (pl.col(names) == "")))


@cache
def _blanks() -> str:
    """What Python removes at the ends of a text."""
    return "".join(filter(str.isspace, map(chr, range(0x3001))))
