"""Loads one file: its rows, vault values, quarantined records and ledger entry in one transaction."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from touchline import deliveries, held, ledger, same_bytes
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.keys import VaultKeys
from touchline.landing.batch import Batch, Intake
from touchline.landing.binarycopy import RowFormat
from touchline.landing.completeness import complete_through
from touchline.landing.discover import ExportFile
from touchline.landing.fast import open_fast, plan
from touchline.landing.gate import NULLED, Gate
from touchline.landing.judge import Judge
from touchline.landing.memory import keep_freed
from touchline.landing.records import RecordReader
from touchline.landing.spool import Delivered, delivered
from touchline.landing.store_errors import LocationError, told
from touchline.landing.tokens import Tokeniser
from touchline.landing.transactions import raw_tables, token_transaction
from touchline.landing.writer import BatchWriter
from touchline.mapping import Source
from touchline.warehouse import lost

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
    cannot be had, or that changes meanwhile, is entered nowhere: LocationError. Raises TouchlineError when the
    warehouse is lost or full, and if tokens may not be written (wrong keys, another normaliser, tokens on the move);
    nothing of the file is in it then.
    """
    keep_freed()
    with told(file.name, None):
        stamp = file.stamp
    started = datetime.now(UTC)
    try:
        known = deliveries.find(engine, file, stamp)
        if known and known.state != "refused":
            return known
        with delivered(file.path) as copy:
            entry = ledger.LoadEntry.of(file, copy.stamp, same_bytes.unread(copy.stamp), started)
            job = _Job(file, copy, contracts, keys, entry)
            if same_bytes.may_be_known(engine, job.entry):
                job = replace(job, entry=job.identified())
            outcome = ledger.find_load(engine, job.entry) or _load(engine, job)
            deliveries.record(engine, file, copy.stamp, outcome.load_id)
    except (psycopg.OperationalError, OperationalError) as error:
        raise lost(error, f"while {file.name} was loaded") from error
    return outcome


def reload_file(
    engine: Engine,
    file: ExportFile,
    copy: Delivered,
    contracts: Mapping[tuple[str, str], Contract],
    keys: VaultKeys,
    known: held.HeldLoad,
) -> ledger.LoadOutcome:
    """Read a loaded file by today's mapping; in the same transaction the new load takes the place of the old one.

    The version of rows that state none stays the old load's: it is the same delivery. Raises TouchlineError where the
    file cannot be read; the old load then stays as it is.
    """
    entry = ledger.LoadEntry.of(file, copy.stamp, copy.sha256, datetime.now(UTC))
    job = _Job(file, copy, contracts, keys, replace(entry, extracted_at=known.extracted_at))
    with token_transaction(engine, keys, job.tables) as (connection, bound):
        ledger.withdraw_load(connection, known.load_id)
        outcome = _Loader(connection, job, bound).load()
        copy.confirm()
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

    def identified(self) -> ledger.LoadEntry:
        """The entry with the digest of the bytes, once they are all read."""
        return replace(self.entry, sha256=self.copy.sha256)

    @property
    def tables(self) -> set[str]:
        return raw_tables(self.file.source, self.file.export, self.contracts)


def _load(engine: Engine, job: _Job) -> ledger.LoadOutcome:
    try:
        with token_transaction(engine, job.keys, job.tables) as (connection, bound):
            try:
                with connection.transaction():
                    outcome = _Loader(connection, job, bound).load()
                    job.copy.confirm()
                return outcome
            except LocationError:
                raise
            except TouchlineError as error:
                # What is wrong with a file that changes meanwhile is not worth an entry.
                entry = job.identified()
                job.copy.confirm()
                return ledger.refuse(connection, entry, job.copy.named(error))
    except psycopg.errors.UniqueViolation:
        pass
    # Another process loaded the same bytes in the meantime.
    known = ledger.find_load(engine, job.identified())
    if known is None:
        raise TouchlineError(
            "The same file was being loaded twice and neither load is in the ledger", where=job.file.name
        )
    return known


class _Loader:
    """One file on its way in; the transaction is the caller's."""

    def __init__(self, connection: psycopg.Connection, job: _Job, keys: VaultKeys) -> None:
        self._connection = connection
        self._identified = job.identified
        self._file = job.file
        self._path = job.copy.path
        self._contracts = job.contracts
        self._keys = keys
        self._entry = job.entry

    def load(self) -> ledger.LoadOutcome:
        file, keys = self._file, self._keys
        load_id = same_bytes.open_load(self._connection, self._entry, self._identified)
        now = self._entry.started_at
        with RecordReader(self._path, file.export.format) as reader:
            tokeniser = Tokeniser(keys.token_key, file.source.phone_region)
            judge = Judge(file.source, file.export, self._contracts, reader.header, tokeniser)
            formats = row_formats(file.source, self._contracts, judge, load_id)
            intake = Intake(load_id, self._entry.extracted_at, formats, keys.encrypt, now)
            intake.counts.columns = {name: [c.name for c in columns] for name, columns in judge.written.items()}
            gate = Gate(self._connection, load_id, [item.contract for item in formats.values()], keys)
            fast = plan(file.source, file.export, self._contracts, reader.header, tokeniser)
            with (
                open_fast(self._path, fast, judge, intake) as quick,
                BatchWriter(self._connection, formats, keys.encrypt_all, keys.token_version, gate) as writer,
            ):
                if isinstance(quick, str):
                    _log.info("%s is read record by record: %s", file.name, quick)
                for batch in _judged(reader, judge, intake) if isinstance(quick, str) else quick.batches():
                    writer.put(batch)
            if writer.severed:
                intake.counts.reasons[NULLED] += writer.severed
            if intake.counts.quarantined:
                held.keep_context(self._connection, load_id, reader.preamble, reader.header, keys.encrypt)
        through = complete_through(file.export.complete_through, intake.watermark, file.source.timezone)
        # Whatever a file claims, it holds nothing that happened after it was read.
        through = through and min(through, now)
        if not same_bytes.is_identified(self._entry):
            same_bytes.identify(self._connection, load_id, self._identified())
        return ledger.close_load(self._connection, load_id, self._entry, intake.counts, through)


def row_formats(
    source: Source, contracts: Mapping[tuple[str, str], Contract], judge: Judge, load_id: int
) -> dict[str, RowFormat]:
    """How each entity's rows are written, as the judge gives them."""
    return {
        entity: RowFormat(contracts[source.kind, entity], columns, source.source, load_id)
        for entity, columns in judge.written.items()
    }


def _judged(reader: RecordReader, judge: Judge, intake: Intake) -> Iterator[Batch]:
    """Batches of records that the exact judge has seen one by one."""
    for record in reader:
        intake.take(record, judge.judge(record))
        if intake.batch.records >= BATCH_RECORDS or intake.batch.held_bytes >= BATCH_BYTES:
            yield intake.hand_over()
    yield intake.hand_over()
