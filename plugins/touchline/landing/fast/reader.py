"""Reads one text by a plan: certain records are written whole columns at a time, all others go to the judge."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import ColumnType
from touchline.landing.batch import Batch, Intake
from touchline.landing.fast.chunks import Chunk, ChunkReader
from touchline.landing.fast.entities import RowMaker, Rows
from touchline.landing.fast.frames import LINE, Fields, read_frame
from touchline.landing.fast.personal import PersonalValues
from touchline.landing.fast.plan import ColumnPlan, Plan
from touchline.landing.fast.shapes import certain_lines
from touchline.landing.fast.vectors import Leaf
from touchline.landing.fields import Field, texts_of
from touchline.landing.judge import Judge
from touchline.landing.limits import Limits
from touchline.landing.physical import dtype, microseconds, moment
from touchline.landing.readers.containers import open_members

NO_ENTITY = "no entity applies"


@contextmanager
def open_fast(path: Path, plan: Plan | str, judge: Judge, intake: Intake) -> "Iterator[FastReader | str]":
    """A reader of the file, or why its records must be read one by one. Raises TouchlineError as RecordReader does."""
    if isinstance(plan, str):
        yield plan
        return
    fmt = plan.export.format
    with open_members(path, fmt.members, Limits()) as members:
        if len(members) > 1:
            yield "it has several members"
            return
        with members[0].open() as stream:
            chunks = ChunkReader(stream, fmt, str(path), members[0].name, expected=path.stat().st_size)
            yield FastReader(chunks, plan, judge, intake) if chunks.is_plain else "of its line ends"


class FastReader:
    """Turns the chunks of one text into batches. Every record is counted in the intake exactly once."""

    def __init__(self, chunks: ChunkReader, plan: Plan, judge: Judge, intake: Intake) -> None:
        self._chunks = chunks
        self._plan = plan
        self._judge = judge
        self._intake = intake
        personal = PersonalValues(plan.tokeniser)
        self._makers = [RowMaker(plan, entity, personal) for entity in plan.entities]
        rule = plan.export.complete_through
        self._watermark = rule.column if rule else None

    def batches(self) -> Iterator[Batch]:
        """One batch for each chunk of the text."""
        for chunk in self._chunks.chunks():
            done = self._take_certain(chunk)
            doubtful = chunk.plain.copy()
            doubtful[done] = False
            for line in np.flatnonzero(doubtful).tolist():
                record = self._chunks.record(chunk, line)
                self._intake.take(record, self._judge.judge(record))
            for record in chunk.exact:
                self._intake.take(record, self._judge.judge(record))
            yield self._intake.hand_over()

    def _take_certain(self, chunk: Chunk) -> NDArray[np.int64]:
        """Enter the records that are certain; returns their lines."""
        if not chunk.plain.any():
            return np.empty(0, np.int64)
        shape = certain_lines(chunk, self._plan.export.format, self._plan.encoding, self._plan.width)
        fields = Fields(shape, self._plan)
        frame = read_frame(shape, self._plan, fields)
        if frame.is_empty():
            return np.empty(0, np.int64)
        frame, filtered = self._filtered(frame)
        if frame.is_empty():
            return np.concatenate(filtered)
        frame = frame.with_columns(found for leaf in self._plan.leaves for found in _converted(leaf, frame, fields))
        entities = [maker.rows(frame, fields) for maker in self._makers]
        sure, applies = entities[0].is_sure, entities[0].applies
        for rows in entities[1:]:
            sure, applies = sure & rows.is_sure, applies | rows.applies
        lines = frame[LINE]
        loaded = sure & applies
        if left_out := int((~applies).sum()):
            self._filter(NO_ENTITY, left_out)
            filtered.append(lines.filter(~applies).to_numpy())
        self._load(chunk, [rows.keep(loaded) for rows in entities], fields, int(loaded.sum()))
        return np.concatenate([lines.filter(loaded).to_numpy(), *filtered])

    def _filtered(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[NDArray[np.int64]]]:
        """The frame without the records that a rule of the mapping leaves out, and their lines."""
        lines = []
        for condition, reason in self._plan.filters:
            holds = frame.select(condition.alias("holds")).to_series()
            if found := int(holds.sum()):
                self._filter(reason, found)
                lines.append(frame[LINE].filter(holds).to_numpy())
                frame = frame.filter(~holds)
        return frame, lines

    def _filter(self, reason: str, records: int) -> None:
        self._intake.count(records)
        self._intake.filter(reason, records)

    def _load(self, chunk: Chunk, entities: list[Rows], fields: Fields, records: int) -> None:
        self._intake.count(records)
        self._intake.counts.loaded += records
        for rows in entities:
            if rows.values.is_empty():
                continue
            self._write(chunk, rows, fields)
            self._raise_watermark(rows)
            for name, known in rows.personal.items():
                self._intake.batch.secrets.update(known.secrets(rows.values[name].to_numpy()))

    def _write(self, chunk: Chunk, rows: Rows, fields: Fields) -> None:
        row_format = self._intake.formats[rows.plan.contract.entity]
        constants = [
            pl.lit(column.constant, dtype(column.column)).alias(column.column.raw_name)
            for column in rows.plan.columns
            if column.constant is not None
        ]
        frame = rows.values.with_columns(constants) if constants else rows.values
        lines = rows.values[LINE]
        passed = {name: fields.texts(position, lines) for name, position in rows.passed.items()}
        ready: dict[str, Field] = {name: texts for name, texts in passed.items() if texts is not None}
        ready |= {name: known.field(rows.values[name].to_numpy()) for name, known in rows.personal.items()}
        written = row_format.encode(frame, chunk.numbers[lines.to_numpy()], self._versions(rows), ready)
        self._intake.add_rows(rows.plan.contract.entity, written, rows.values.height)

    def _versions(self, rows: Rows) -> NDArray[np.int64]:
        extracted = microseconds(self._intake.extracted_at)
        column = _named(rows, rows.plan.contract.version_column)
        if column is None or column.constant is not None:
            version = column.constant if column else extracted
            return np.full(rows.values.height, version, np.int64)
        return rows.values[column.column.raw_name].fill_null(extracted).to_numpy()

    def _raise_watermark(self, rows: Rows) -> None:
        column = _named(rows, self._watermark)
        if column is None:
            return
        if column.column.type is not ColumnType.TIMESTAMP:
            return
        values = pl.Series([column.constant]) if column.constant is not None else rows.values[column.column.raw_name]
        newest, now = values.max(), microseconds(self._intake.now)
        if isinstance(newest, int) and newest > now:
            newest = values.filter(values <= now).max()
        if isinstance(newest, int):
            self._intake.raise_watermark(moment(newest))


def _converted(leaf: Leaf, frame: pl.DataFrame, fields: Fields) -> tuple[pl.Series, pl.Series]:
    texts = fields.texts(leaf.position, frame[LINE]) or texts_of(frame.select(leaf.source))[0]
    found = leaf.convert(texts)
    return found.alias(leaf.name), (found.is_not_null() | pl.Series(texts.lengths < 0)).alias(leaf.sure)


def _named(rows: Rows, name: str | None) -> ColumnPlan | None:
    return next((column for column in rows.plan.columns if column.column.name == name), None)
