"""What one stretch of a file brings, on its way to the warehouse, and the running account of the whole file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from touchline.contracts import PersonalKind
from touchline.landing.copytext import SEPARATOR, encode
from touchline.landing.judge import Filtered, Loaded, SetAside, Verdict
from touchline.landing.records import Record
from touchline.ledger import Counts

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass
class Batch:
    """`rows`: entity → COPY text of whole lines. `secrets`: token → (kind, normalised value).

    `set_aside`: values of the quarantine's columns.
    """

    records: int = 0
    held_bytes: int = 0
    """Bytes of records set aside."""
    rows: dict[str, list[bytes]] = field(default_factory=dict)
    secrets: dict[str, tuple[PersonalKind, str]] = field(default_factory=dict)
    set_aside: list[tuple[object, ...]] = field(default_factory=list)


@dataclass
class Intake:
    """Fills batches with judged records and counts them. `extracted_at` is the version of rows that state none."""

    source: str
    load_id: int
    extracted_at: datetime
    seal: Callable[[bytes], bytes]
    now: datetime = END_OF_TIME
    """Beginning of the load: no event is known that lies after it."""
    counts: Counts = field(default_factory=Counts)
    watermark: datetime | None = None
    batch: Batch = field(default_factory=Batch)

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

    def add_rows(self, entity: str, text: bytes, rows: int) -> None:
        """Enter rows of one entity, written as COPY text."""
        self.batch.rows.setdefault(entity, []).append(text)
        self.counts.rows[entity] += rows

    def raise_watermark(self, moment: datetime | None) -> None:
        """Keep the newest moment that is not in the future."""
        if moment and moment <= self.now and (self.watermark is None or moment > self.watermark):
            self.watermark = moment

    def hand_over(self) -> Batch:
        """The filled batch; an empty one takes its place."""
        batch, self.batch = self.batch, Batch()
        return batch

    def loader_fields(self, number: str, version: str, payload_hash: str) -> str:
        """The loader's own columns as COPY text, in the order of `writer.LOADER_COLUMNS`."""
        return SEPARATOR.join((self.source, str(self.load_id), number, version, payload_hash))

    def _load(self, record: Record, loaded: Loaded) -> None:
        self.counts.loaded += 1
        self.counts.reasons.update(("nulled", column, reason) for column, reason in loaded.nulled)
        for row in loaded.rows:
            version = encode(row.version_at or self.extracted_at)
            own = self.loader_fields(str(record.number), version, row.payload_hash)
            self.add_rows(row.entity, f"{row.text}{SEPARATOR}{own}\n".encode(), 1)
            self.raise_watermark(row.watermark)
        self.batch.secrets.update((token.hex, (kind, value)) for token, kind, value in loaded.secrets)
