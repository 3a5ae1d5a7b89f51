"""What one stretch of a file brings, on its way to the warehouse, and the running account of the whole file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from touchline.contracts import PersonalKind
from touchline.landing.binarycopy import RowFormat
from touchline.landing.judge import Filtered, Loaded, SetAside, TypedRow, Verdict
from touchline.landing.physical import microseconds
from touchline.landing.records import Record
from touchline.ledger import Counts

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass
class Batch:
    """`rows`: entity → whole rows of binary COPY, encoded when they are asked for.

    `secrets`: token → (kind, normalised value). `set_aside`: values of the quarantine's columns.
    """

    records: int = 0
    held_bytes: int = 0
    """Bytes of records set aside."""
    rows: dict[str, list[Iterable[memoryview]]] = field(default_factory=dict)
    secrets: dict[bytes, tuple[PersonalKind, str]] = field(default_factory=dict)
    set_aside: list[tuple[object, ...]] = field(default_factory=list)


@dataclass
class Intake:
    """Fills batches with judged records and counts them. `extracted_at` is the version of rows that state none.

    `formats`: how each entity's rows are written.
    """

    load_id: int
    extracted_at: datetime
    formats: Mapping[str, RowFormat]
    seal: Callable[[bytes], bytes]
    now: datetime = END_OF_TIME
    """Beginning of the load: no event is known that lies after it."""
    counts: Counts = field(default_factory=Counts)
    watermark: datetime | None = None
    batch: Batch = field(default_factory=Batch)
    _judged: dict[str, list[tuple[int, TypedRow]]] = field(default_factory=dict)
    """Rows by entity, with their records' numbers, that are not yet written in `batch`."""

    def take(self, record: Record, verdict: Verdict) -> None:
        """Enter one record by the judge's verdict."""
        self.count(1)
        match verdict:
            case Loaded():
                self._load(record, verdict)
            case Filtered(reason):
                self.filter(reason, 1)
            case SetAside(entity, column, reason):
                self.counts.quarantined += 1
                self.counts.reasons["quarantined", column, reason] += 1
                sealed = self.seal(record.payload)
                self.batch.held_bytes += len(sealed)
                self.batch.set_aside.append(
                    (self.load_id, record.number, record.offset, entity, column, reason, sealed)
                )

    def count(self, records: int) -> None:
        """Count records that were read."""
        self.batch.records += records
        self.counts.records += records

    def filter(self, reason: str, records: int) -> None:
        """Count records left out by a rule."""
        self.counts.filtered += records
        self.counts.reasons["filtered", "", reason] += records

    def add_rows(self, entity: str, written: Iterable[memoryview], rows: int) -> None:
        """Enter rows of one entity, written in its format."""
        self.batch.rows.setdefault(entity, []).append(written)
        self.counts.rows[entity] += rows

    def raise_watermark(self, moment: datetime | None) -> None:
        """Keep the newest moment that is not in the future."""
        if moment and moment <= self.now and (self.watermark is None or moment > self.watermark):
            self.watermark = moment

    def hand_over(self) -> Batch:
        """The filled batch; an empty one takes its place."""
        for entity, judged in self._judged.items():
            self._write(entity, judged)
        self._judged.clear()
        batch, self.batch = self.batch, Batch()
        return batch

    def _load(self, record: Record, loaded: Loaded) -> None:
        self.counts.loaded += 1
        self.counts.reasons.update(("nulled", column, reason) for column, reason in loaded.nulled)
        for row in loaded.rows:
            self._judged.setdefault(row.entity, []).append((record.number, row))
            self.raise_watermark(row.watermark)
        self.batch.secrets.update((token.bytes, (kind, value)) for token, kind, value in loaded.secrets)

    def _write(self, entity: str, judged: list[tuple[int, TypedRow]]) -> None:
        """The same writing as that of whole columns: one encoding, one digest."""
        row_format = self.formats[entity]
        frame = row_format.frame([row.values for _, row in judged])
        numbers = np.array([number for number, _ in judged], np.int64)
        versions = [microseconds(row.version_at or self.extracted_at) for _, row in judged]
        self.add_rows(entity, row_format.encode(frame, numbers, np.array(versions, np.int64)), len(judged))
