"""Loads one file: its rows, vault values, quarantined records and ledger entry in one transaction."""

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from touchline import custody, held, ledger
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.keys import VaultKeys
from touchline.landing.batch import Batch, Intake
from touchline.landing.discover import ExportFile
from touchline.landing.fast import open_fast, plan
from touchline.landing.judge import Judge
from touchline.landing.records import RecordReader
from touchline.landing.tokens import NORMALISER_VERSION, Tokeniser
from touchline.landing.writer import BatchWriter, copy_sql
from touchline.mapping import Completeness
from touchline.warehouse import lost

BATCH_RECORDS = 20_000
BATCH_BYTES = 16 << 20
"""Of records set aside, which may be large."""

_log = logging.getLogger(__name__)


def load_file(
    engine: Engine, file: ExportFile, contracts: Mapping[tuple[str, str], Contract], keys: VaultKeys
) -> ledger.LoadOutcome:
    """Load one export file and return its ledger entry.

    The same bytes again are a no-op (`is_new` false). A file that cannot be read as a whole, or that changes while
    it is read, is entered as `refused` with the reason, and leaves no row. Raises TouchlineError when the warehouse
    is lost or full, and if tokens may not be written (wrong keys, another normaliser, tokens on the move); nothing of
    the file is in it then.
    """
    try:
        return _load_file(engine, file, contracts, keys)
    except (psycopg.OperationalError, OperationalError) as error:
        raise lost(error, f"while {file.name} was loaded") from error


def _load_file(
    engine: Engine, file: ExportFile, contracts: Mapping[tuple[str, str], Contract], keys: VaultKeys
) -> ledger.LoadOutcome:
    started = datetime.now(UTC)
    before = file.path.stat()
    entry = ledger.LoadEntry.of(file, sha256(file.path), started)
    if known := ledger.find_load(engine, entry):
        return known
    try:
        with token_transaction(engine, keys) as (connection, bound):
            try:
                with connection.transaction():
                    outcome = _Loader(connection, file, contracts, bound, entry).load()
                    _refuse_changed(file, before)
                return outcome
            except TouchlineError as error:
                return ledger.refuse(connection, entry, error)
    except psycopg.errors.UniqueViolation:
        pass
    # Another process loaded the same bytes in the meantime.
    known = ledger.find_load(engine, entry)
    if known is None:
        raise TouchlineError("The same file was being loaded twice and neither load is in the ledger", where=file.name)
    return known


def reload_file(
    engine: Engine,
    file: ExportFile,
    contracts: Mapping[tuple[str, str], Contract],
    keys: VaultKeys,
    known: held.HeldLoad,
) -> ledger.LoadOutcome:
    """Read a loaded file by today's mapping; in the same transaction the new load takes the place of the old one.

    The version of rows that state none stays the old load's: it is the same delivery. Raises TouchlineError where the
    file cannot be read; the old load then stays as it is.
    """
    entry = replace(ledger.LoadEntry.of(file, known.sha256, datetime.now(UTC)), extracted_at=known.extracted_at)
    with token_transaction(engine, keys) as (connection, bound):
        ledger.withdraw_load(connection, known.load_id)
        return _Loader(connection, file, contracts, bound, entry).load()


@contextmanager
def token_transaction(engine: Engine, keys: VaultKeys) -> Iterator[tuple[psycopg.Connection, VaultKeys]]:
    """One transaction that may write tokens, and the keys that make those of the warehouse's version.

    Raises TouchlineError for wrong keys, another normaliser, and while tokens are being moved (`custody.claim`).
    """
    bound = custody.bind(engine, keys, NORMALISER_VERSION)
    with driver_connection(engine) as connection:
        custody.claim(connection, bound, NORMALISER_VERSION)
        yield connection, bound


@contextmanager
def driver_connection(engine: Engine) -> Iterator[psycopg.Connection]:
    """One transaction of the driver's own: committed on leaving, rolled back on an error."""
    raw = engine.raw_connection()
    try:
        connection = raw.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError("the warehouse is reached through psycopg")
        with connection.transaction():
            yield connection
    finally:
        raw.close()


def sha256(path: Path) -> str:
    """Digest of the file's bytes as delivered."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_changed(file: ExportFile, before: os.stat_result) -> None:
    """A file that grew meanwhile was read with its last record torn, or half old and half new."""
    now = file.path.stat()
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (before.st_size, before.st_mtime_ns, before.st_ino):
        todo = "let the sender write under another name and rename the whole file; the next run reads it again"
        raise TouchlineError("The file changed while it was read", where=file.name, todo=todo)


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
        file, keys = self._file, self._keys
        load_id = ledger.open_load(self._connection, self._entry)
        now = self._entry.started_at
        intake = Intake(file.source.source, load_id, self._entry.extracted_at, keys.encrypt, now)
        with RecordReader(file.path, file.export.format) as reader:
            tokeniser = Tokeniser(keys.token_key, file.source.phone_region)
            judge = Judge(file.source, file.export, self._contracts, reader.header, tokeniser)
            intake.counts.columns = {name: [c.name for c in columns] for name, columns in judge.written.items()}
            fast = plan(file.source, file.export, self._contracts, reader.header, tokeniser)
            statements = copy_statements(file.source.kind, self._contracts, judge)
            with (
                open_fast(file.path, fast, judge, intake) as quick,
                BatchWriter(self._connection, statements, keys.encrypt, keys.token_version) as writer,
            ):
                if isinstance(quick, str):
                    _log.info("%s is read record by record: %s", file.name, quick)
                for batch in _judged(reader, judge, intake) if isinstance(quick, str) else quick.batches():
                    writer.put(batch)
            if intake.counts.quarantined:
                held.keep_context(self._connection, load_id, reader.preamble, reader.header, keys.encrypt)
        through = complete_through(file.export.complete_through, intake.watermark, file.source.timezone)
        # Whatever a file claims, it holds nothing that happened after it was read.
        through = through and min(through, now)
        return ledger.close_load(self._connection, load_id, self._entry, intake.counts, through)


def copy_statements(kind: str, contracts: Mapping[tuple[str, str], Contract], judge: Judge) -> dict[str, bytes]:
    """COPY of each entity's rows as the judge writes them."""
    return {entity: copy_sql(contracts[kind, entity], columns) for entity, columns in judge.written.items()}


def _judged(reader: RecordReader, judge: Judge, intake: Intake) -> Iterator[Batch]:
    """Batches of records that the exact judge has seen one by one."""
    for record in reader:
        intake.take(record, judge.judge(record))
        if intake.batch.records >= BATCH_RECORDS or intake.batch.held_bytes >= BATCH_BYTES:
            yield intake.hand_over()
    yield intake.hand_over()


def complete_through(rule: Completeness | None, watermark: datetime | None, timezone: str) -> datetime | None:
    """The instant through which a load's export is complete; `watermark` is the newest moment among its rows."""
    if rule is None:
        return None
    moment = rule.instant or watermark
    if moment is None or rule.round_up is None or moment.year == MAXYEAR:
        return moment
    local = moment.astimezone(ZoneInfo(timezone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if rule.round_up == "month":
        start = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        return start.astimezone(UTC)
    return (start + timedelta(days=1)).astimezone(UTC)
