"""Loads one file: its rows, vault values, quarantined records and ledger entry in one transaction."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine

from touchline import ledger
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.landing.batch import Batch, Intake
from touchline.landing.binarycopy import RowFormat
from touchline.landing.discover import ExportFile
from touchline.landing.fast import open_fast, plan
from touchline.landing.judge import Judge
from touchline.landing.records import RecordReader
from touchline.landing.tokens import Tokeniser
from touchline.landing.writer import BatchWriter
from touchline.mapping import Completeness
from touchline.vault import VaultKeys

BATCH_RECORDS = 20_000
BATCH_BYTES = 16 << 20
"""Of records set aside, which may be large."""

_log = logging.getLogger(__name__)


def load_file(
    engine: Engine, file: ExportFile, contracts: Mapping[tuple[str, str], Contract], keys: VaultKeys
) -> ledger.LoadOutcome:
    """Load one export file and return its ledger entry.

    The same bytes again are a no-op (`is_new` false). A file that cannot be read as a whole is entered as
    `refused` with the reason, and leaves no row.
    """
    started = datetime.now(UTC)
    entry = ledger.LoadEntry.of(file, sha256(file.path), started)
    if known := ledger.find_load(engine, entry):
        return known
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError("the warehouse is reached through psycopg")
        try:
            outcome = _Loader(connection, file, contracts, keys, entry).load()
            connection.commit()
            return outcome
        except TouchlineError as error:
            connection.rollback()
            return ledger.refuse(connection, entry, error)
        except psycopg.errors.UniqueViolation:
            connection.rollback()
    finally:
        raw.close()
    # Another process loaded the same bytes in the meantime.
    known = ledger.find_load(engine, entry)
    if known is None:
        raise TouchlineError("The same file was being loaded twice and neither load is in the ledger", where=file.name)
    return known


def sha256(path: Path) -> str:
    """Digest of the file's bytes as delivered."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Loader:
    """One file on its way in; the transaction is the caller's."""

    def __init__(
        self,
        connection: psycopg.Connection,
        file: ExportFile,
        contracts: Mapping[tuple[str, str], Contract],
        keys: VaultKeys,
        entry: ledger.LoadEntry,
    ) -> None:
        self._connection = connection
        self._file = file
        self._contracts = contracts
        self._keys = keys
        self._entry = entry

    def load(self) -> ledger.LoadOutcome:
        file = self._file
        load_id = ledger.open_load(self._connection, self._entry)
        with RecordReader(file.path, file.export.format) as reader:
            tokeniser = Tokeniser(self._keys.token_key, file.source.phone_region)
            judge = Judge(file.source, file.export, self._contracts, reader.header, tokeniser)
            formats = self._formats(judge, load_id)
            intake = Intake(load_id, self._entry.extracted_at, formats, self._keys.encrypt)
            fast = plan(file.source, file.export, self._contracts, reader.header, tokeniser)
            with (
                open_fast(file.path, fast, judge, intake) as quick,
                BatchWriter(self._connection, formats, self._keys.encrypt) as writer,
            ):
                if isinstance(quick, str):
                    _log.info("%s is read record by record: %s", file.name, quick)
                for batch in _judged(reader, judge, intake) if isinstance(quick, str) else quick.batches():
                    writer.put(batch)
        through = _complete_through(file.export.complete_through, intake.watermark, file.source.timezone)
        return ledger.close_load(self._connection, load_id, self._entry, intake.counts, through)

    def _formats(self, judge: Judge, load_id: int) -> dict[str, RowFormat]:
        source = self._file.source
        return {
            entity: RowFormat(self._contracts[source.kind, entity], columns, source.source, load_id)
            for entity, columns in judge.written.items()
        }


def _judged(reader: RecordReader, judge: Judge, intake: Intake) -> Iterator[Batch]:
    """Batches of records that the exact judge has seen one by one."""
    for record in reader:
        intake.take(record, judge.judge(record))
        if intake.batch.records >= BATCH_RECORDS or intake.batch.held_bytes >= BATCH_BYTES:
            yield intake.hand_over()
    yield intake.hand_over()


def _complete_through(rule: Completeness | None, watermark: datetime | None, timezone: str) -> datetime | None:
    if rule is None:
        return None
    moment = rule.instant or watermark
    if moment is None or rule.round_up is None:
        return moment
    local = moment.astimezone(ZoneInfo(timezone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if rule.round_up == "month":
        start = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        return start.astimezone(UTC)
    return (start + timedelta(days=1)).astimezone(UTC)
