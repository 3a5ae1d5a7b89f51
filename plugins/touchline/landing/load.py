"""Loads one file: its rows, vault values, quarantined records and ledger entry in one transaction."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine

from touchline import deliveries, ledger
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.landing.batch import Batch, Intake
from touchline.landing.discover import ExportFile
from touchline.landing.fast import open_fast, plan
from touchline.landing.judge import Judge
from touchline.landing.records import RecordReader
from touchline.landing.spool import Delivered, delivered
from touchline.landing.store_errors import told
from touchline.landing.tokens import Tokeniser
from touchline.landing.writer import BatchWriter, copy_sql
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

    The same bytes again are a no-op (`is_new` false), and so is a file whose stamp has not changed, which is not even
    fetched. A file that cannot be read as a whole is entered as `refused` with the reason, and leaves no row; one that
    cannot be had, or that changes meanwhile, is entered nowhere: LocationError.
    """
    with told(file.name, None):
        stamp = file.stamp
    known = deliveries.find(engine, file, stamp)
    if known and known.state != "refused":
        return known
    started = datetime.now(UTC)
    with delivered(file.path) as copy:
        entry = ledger.LoadEntry.of(file, copy.stamp, copy.sha256, started)
        outcome = ledger.find_load(engine, entry) or _load(engine, _Job(file, copy, contracts, keys, entry))
        deliveries.record(engine, file, copy.stamp, outcome.load_id)
    return outcome


@dataclass(frozen=True)
class _Job:
    """One file that is to be loaded, and with what."""

    file: ExportFile
    copy: Delivered
    contracts: Mapping[tuple[str, str], Contract]
    keys: VaultKeys
    entry: ledger.LoadEntry


def _load(engine: Engine, job: _Job) -> ledger.LoadOutcome:
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError("the warehouse is reached through psycopg")
        try:
            outcome = _Loader(connection, job).load()
            job.copy.confirm()
            connection.commit()
            return outcome
        except TouchlineError as error:
            connection.rollback()
            job.copy.confirm()
            return ledger.refuse(connection, job.entry, job.copy.named(error))
        except psycopg.errors.UniqueViolation:
            connection.rollback()
    finally:
        raw.close()
    # Another process loaded the same bytes in the meantime.
    known = ledger.find_load(engine, job.entry)
    if known is None:
        raise TouchlineError(
            "The same file was being loaded twice and neither load is in the ledger", where=job.file.name
        )
    return known


class _Loader:
    """One file on its way in; the transaction is the caller's."""

    def __init__(self, connection: psycopg.Connection, job: _Job) -> None:
        self._connection = connection
        self._file = job.file
        self._path = job.copy.path
        self._contracts = job.contracts
        self._keys = job.keys
        self._entry = job.entry

    def load(self) -> ledger.LoadOutcome:
        file = self._file
        load_id = ledger.open_load(self._connection, self._entry)
        intake = Intake(file.source.source, load_id, self._entry.extracted_at, self._keys.encrypt)
        with RecordReader(self._path, file.export.format) as reader:
            tokeniser = Tokeniser(self._keys.token_key, file.source.phone_region)
            judge = Judge(file.source, file.export, self._contracts, reader.header, tokeniser)
            fast = plan(file.source, file.export, self._contracts, reader.header, tokeniser)
            with (
                open_fast(self._path, fast, judge, intake) as quick,
                BatchWriter(self._connection, self._statements(judge), self._keys.encrypt) as writer,
            ):
                if isinstance(quick, str):
                    _log.info("%s is read record by record: %s", file.name, quick)
                for batch in _judged(reader, judge, intake) if isinstance(quick, str) else quick.batches():
                    writer.put(batch)
        through = _complete_through(file.export.complete_through, intake.watermark, file.source.timezone)
        return ledger.close_load(self._connection, load_id, self._entry, intake.counts, through)

    def _statements(self, judge: Judge) -> dict[str, bytes]:
        kind = self._file.source.kind
        return {entity: copy_sql(self._contracts[kind, entity], columns) for entity, columns in judge.written.items()}


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
