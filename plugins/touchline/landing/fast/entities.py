"""Makes the rows of one entity from a frame: physical values of every column, and which records are in doubt."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from touchline.landing.fast.frames import LINE, Fields
from touchline.landing.fast.personal import KnownValues, PersonalValues
from touchline.landing.fast.plan import ColumnPlan, EntityPlan, Plan
from touchline.landing.fast.vectors import before_tokens
from touchline.landing.physical import Physical, dtype
from touchline.landing.values import BadValue


@dataclass(frozen=True)
class Rows:
    """Rows of one entity for the records where `applies` holds. `values`: physical values by column of `raw`, without
    the constant columns; of `personal` columns the numbers that these know them by. `is_sure` has a value for every
    record: a doubtful one is the judge's. `passed`: columns of `raw` that hold the texts of an export column, by
    position (None: of none).
    """

    plan: EntityPlan
    values: pl.DataFrame
    applies: pl.Series
    is_sure: pl.Series
    passed: dict[str, int | None]
    personal: dict[str, KnownValues]

    def keep(self, kept: pl.Series) -> "Rows":
        """The rows of some records."""
        if kept.all():
            return self
        values = self.values.filter(kept.filter(self.applies))
        return replace(self, values=values, applies=self.applies.filter(kept), is_sure=self.is_sure.filter(kept))


class RowMaker:
    """Makes the rows of one entity."""

    def __init__(self, plan: Plan, entity: EntityPlan, personal: PersonalValues) -> None:
        self._entity = entity
        self._width = plan.width
        self._personal = personal
        self._columns = [column for column in entity.columns if column.constant is None]
        self._vectors = self._selection()

    def rows(self, frame: pl.DataFrame, fields: Fields) -> Rows:
        """Rows of the entity; `frame` holds the export columns and the leaves, `fields` what it leaves out."""
        applies = frame.select(pl.lit(value=True) if self._entity.applies is None else self._entity.applies)
        holds = applies.to_series().new_from_index(0, frame.height) if applies.height == 1 else applies.to_series()
        part = frame if holds.all() else frame.filter(holds)
        vectors = part.select(LINE, *self._vectors)
        texts = {LINE: vectors[LINE]}
        passed: dict[str, int | None] = {}
        sure = pl.repeat(value=True, n=part.height, dtype=pl.Boolean, eager=True)
        for index, column in enumerate(self._columns):
            name = column.column.raw_name
            if column.is_unchecked and (cut := fields.texts(column.passed, vectors[LINE])):
                passed[name] = column.passed
                if column.column.is_required:
                    sure &= pl.Series(cut.lengths >= 0)
                continue
            text, bad = self._resolved(index, column, part, vectors, fields)
            if bad is not None:
                sure &= ~bad
            else:
                passed[name] = column.passed
            if column.column.is_required and text.null_count():
                sure &= text.is_not_null()
            texts[name] = text
        personal = {}
        for column in self._columns:
            if column.column.personal:
                name = column.column.raw_name
                known = personal[name] = self._personal.of(column.column.personal)
                texts[name], sure = _numbered(known, texts[name], sure)
        return Rows(self._entity, pl.DataFrame(texts), holds, _spread(sure, holds), passed, personal)

    def _selection(self) -> list[pl.Expr]:
        chosen = []
        for index, column in enumerate(self._columns):
            if column.vector is None or column.is_unchecked:
                continue
            chosen.append(column.vector.value.alias(f"value{index}"))
            if column.vector.sure is not None:
                chosen.append((~column.vector.sure).alias(f"doubt{index}"))
        return chosen

    def _resolved(
        self, index: int, column: ColumnPlan, part: pl.DataFrame, vectors: pl.DataFrame, fields: Fields
    ) -> tuple[pl.Series, pl.Series | None]:
        """(values, which of them are bad); values in doubt are evaluated as the judge does, each combination once."""
        if column.vector is None:
            return self._exact(column, part, fields)
        if column.is_unchecked:
            return part[str(column.passed)], None
        text = vectors[f"value{index}"]
        if column.vector.sure is None or not (doubt := vectors[f"doubt{index}"]).any():
            return text, None
        places = doubt.arg_true()
        found, bad = self._exact(column, part[places], fields)
        all_bad = pl.repeat(value=False, n=part.height, dtype=pl.Boolean, eager=True).scatter(places, bad)
        return text.scatter(places, found), all_bad

    def _exact(self, column: ColumnPlan, part: pl.DataFrame, fields: Fields) -> tuple[pl.Series, pl.Series]:
        if not column.reads:
            text, bad = self._evaluated(column, ())
            return (
                pl.Series([text], dtype=dtype(column.column)).new_from_index(0, part.height),
                pl.Series([bad]).new_from_index(0, part.height),
            )
        texts = pl.DataFrame([fields.of(position, part) for position in column.reads])
        combinations = texts.unique()
        found = [self._evaluated(column, values) for values in combinations.iter_rows()]
        table = combinations.with_columns(
            pl.Series("value", [value for value, _ in found], dtype=dtype(column.column)),
            pl.Series("bad", [bad for _, bad in found], dtype=pl.Boolean),
        )
        joined = texts.join(table, on=texts.columns, how="left", nulls_equal=True, maintain_order="left")
        return joined["value"], joined["bad"]

    def _evaluated(self, column: ColumnPlan, values: tuple[str | None, ...]) -> tuple[Physical, bool]:
        fields: list[str | None] = [None] * self._width
        for index, value in zip(column.reads, values, strict=True):
            fields[index] = value
        try:
            return before_tokens(column.exact(fields, {}), column.column), False
        except BadValue:
            return None, True


def _numbered(known: KnownValues, text: pl.Series, sure: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Numbers in the place of personal values; a value that is none of its kind makes its record doubtful."""
    numbers = np.zeros(len(text), np.uint32)
    places = (text.is_not_null() & sure).arg_true()
    if len(places):
        found = known.numbers(text.gather(places))
        numbers[places.to_numpy()] = found
        if (bad := known.are_bad(found)).any():
            sure = sure.scatter(places.filter(pl.Series(bad)), values=False)
    return pl.Series(text.name, numbers), sure


def _spread(sure: pl.Series, applies: pl.Series) -> pl.Series:
    """Values of the records where the entity applies, set into those of all records; the others are sure."""
    if applies.all():
        return sure
    return pl.repeat(value=True, n=len(applies), dtype=pl.Boolean, eager=True).scatter(applies.arg_true(), sure)
