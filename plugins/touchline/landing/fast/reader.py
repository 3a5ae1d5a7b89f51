"""Reads one text by a plan: certain records become COPY text whole columns at a time, all others go to the judge."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import ColumnType
from touchline.landing.batch import Batch, Intake
from touchline.landing.copytext import NULL, SEPARATOR, encode, payload_hashes
from touchline.landing.fast.chunks import Chunk, ChunkReader
from touchline.landing.fast.entities import RowMaker, Rows
from touchline.landing.fast.frames import LINE, read_frame
from touchline.landing.fast.personal import PersonalValues
from touchline.landing.fast.plan import ColumnPlan, Plan
from touchline.landing.fast.shapes import certain_lines
from touchline.landing.judge import Judge
from touchline.landing.limits import Limits
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
            chunks = ChunkReader(stream, fmt, str(path), members[0].name)
            yield FastReader(chunks, plan, judge, intake) if chunks.is_plain else "of its line ends"


class FastReader:
    """Turns the chunks of one text into batches. Every record is counted in the intake exactly once."""

    def __init__(self, chunks: ChunkReader, plan: Plan, judge: Judge, intake: Intake) -> None:
        self._chunks = chunks
        self._plan = plan
        self._judge = judge
        self._intake = intake
        self._personal = PersonalValues(plan.tokeniser)
        self._makers = [RowMaker(plan, entity, self._personal) for entity in plan.entities]
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
        frame = read_frame(shape, self._plan)
        if frame.is_empty():
            return np.empty(0, np.int64)
        frame, filtered = self._filtered(frame)
        frame = frame.with_columns(
            leaf.convert(frame.select(leaf.source).to_series()).alias(leaf.name) for leaf in self._plan.leaves
        )
        entities = [maker.rows(frame, needs_escapes=shape.needs_escapes) for maker in self._makers]
        sure, applies = entities[0].is_sure, entities[0].applies
        for rows in entities[1:]:
            sure, applies = sure & rows.is_sure, applies | rows.applies
        lines = frame[LINE]
        loaded = sure & applies
        if left_out := int((~applies).sum()):
            self._filter(NO_ENTITY, left_out)
            filtered.append(lines.filter(~applies).to_numpy())
        self._load(chunk, [rows.keep(loaded) for rows in entities], int(loaded.sum()))
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

    def _load(self, chunk: Chunk, entities: list[Rows], records: int) -> None:
        self._intake.count(records)
        self._intake.counts.loaded += records
        for rows in entities:
            if rows.texts.is_empty():
                continue
            self._intake.add_rows(rows.plan.contract.entity, self._copy_text(chunk, rows), rows.texts.height)
            self._raise_watermark(rows)
            for column in rows.plan.columns:
                if column.column.personal and column.constant is None:
                    self._intake.batch.secrets.update(self._personal.secrets(rows.texts[column.column.raw_name]))

    def _copy_text(self, chunk: Chunk, rows: Rows) -> bytes:
        fields: list[pl.Expr] = []
        for is_constant, group in groupby(rows.plan.columns, lambda column: column.constant is not None):
            if is_constant:
                # Neighbours are joined once, not for every row.
                fields.append(pl.lit(SEPARATOR.join(str(column.constant) for column in group)))
            else:
                fields += [_or_null(rows.texts[column.column.raw_name]) for column in group]
        lines = pl.select(pl.concat_str(fields, separator=SEPARATOR)).to_series()
        hashes = payload_hashes(lines.cast(pl.Binary).to_list())
        numbers = chunk.numbers[rows.texts[LINE].to_numpy()]
        whole = pl.select(
            pl.concat_str(
                [
                    pl.lit(lines),
                    pl.lit(f"{self._intake.source}{SEPARATOR}{self._intake.load_id}"),
                    pl.lit(pl.Series(numbers)),
                    pl.lit(self._versions(rows)),
                    pl.lit(pl.Series(hashes, dtype=pl.String)),
                ],
                separator=SEPARATOR,
            )
            .str.join("\n")
            .cast(pl.Binary)
        )
        return bytes(whole.item()) + b"\n"

    def _versions(self, rows: Rows) -> pl.Series | str:
        extracted = encode(self._intake.extracted_at)
        column = _named(rows, rows.plan.contract.version_column)
        if column is None or column.constant is not None:
            return extracted if column is None else str(column.constant)
        return rows.texts[column.column.raw_name].fill_null(extracted)

    def _raise_watermark(self, rows: Rows) -> None:
        column = _named(rows, self._watermark)
        if column is None:
            return
        if column.column.type is not ColumnType.TIMESTAMP:
            return
        values = pl.Series([column.constant]) if column.constant else rows.texts[column.column.raw_name]
        # In UTC and of one form, the text's order is that of time.
        newest, now = values.max(), encode(self._intake.now)
        if isinstance(newest, str) and newest > now:
            newest = values.filter(values <= now).max()
        if isinstance(newest, str):
            self._intake.raise_watermark(datetime.fromisoformat(newest))


def _named(rows: Rows, name: str | None) -> ColumnPlan | None:
    return next((column for column in rows.plan.columns if column.column.name == name), None)


def _or_null(text: pl.Series) -> pl.Expr:
    return pl.lit(text.fill_null(NULL) if text.null_count() else text)
