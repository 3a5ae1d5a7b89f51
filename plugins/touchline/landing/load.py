"""Loads one file: its rows, vault values, quarantined records and ledger entry in one transaction."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Engine

from touchline import ledger
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.landing.discover import ExportFile
from touchline.landing.judge import Filtered, Judge, Loaded, Secret, SetAside, TypedRow
from touchline.landing.records import Record, RecordReader
from touchline.landing.tokens import NORMALISER_VERSION, Tokeniser
from touchline.mapping import Completeness
from touchline.vault import KEY_VERSION, VaultKeys

BATCH_RECORDS = 20_000

_VAULT_SQL = """
    insert into vault.values (token, kind, ciphertext, key_version, normaliser_version)
    select *, %s, %s from unnest(%s::uuid[], %s::text[], %s::bytea[]) on conflict do nothing
"""


@dataclass
class _Batch:
    """Rows waiting for COPY; bounded by BATCH_RECORDS records."""

    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    secrets: dict[UUID, Secret] = field(default_factory=dict)
    set_aside: list[tuple[object, ...]] = field(default_factory=list)
    records: int = 0


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
        self._contracts = {target.entity: contracts[file.source.kind, target.entity] for target in file.export.into}
        self._all_contracts = contracts
        self._keys = keys
        self._entry = entry
        self._counts = ledger.Counts()
        self._watermark: datetime | None = None
        self._batch = _Batch()
        self._load_id = 0

    def load(self) -> ledger.LoadOutcome:
        self._load_id = ledger.open_load(self._connection, self._entry)
        with RecordReader(self._file.path, self._file.export.format) as reader:
            tokeniser = Tokeniser(self._keys.token_key, self._file.source.phone_region)
            judge = Judge(self._file.source, self._file.export, self._all_contracts, reader.header, tokeniser)
            for record in reader:
                self._take(record, judge)
                if self._batch.records >= BATCH_RECORDS:
                    self._flush()
        self._flush()
        through = _complete_through(self._file.export.complete_through, self._watermark, self._file.source.timezone)
        return ledger.close_load(self._connection, self._load_id, self._entry, self._counts, through)

    def _take(self, record: Record, judge: Judge) -> None:
        self._batch.records += 1
        self._counts.records += 1
        match judge.judge(record):
            case Loaded() as loaded:
                self._counts.loaded += 1
                self._counts.reasons.update(("nulled", column, reason) for column, reason in loaded.nulled)
                for row in loaded.rows:
                    self._add(record, row)
                self._batch.secrets.update((secret[0], secret) for secret in loaded.secrets)
            case Filtered(reason):
                self._counts.filtered += 1
                self._counts.reasons["filtered", "", reason] += 1
            case SetAside(entity, column, reason):
                self._counts.quarantined += 1
                self._counts.reasons["quarantined", column, reason] += 1
                sealed = self._keys.encrypt(record.payload)
                self._batch.set_aside.append(
                    (self._load_id, record.number, record.offset, entity, column, reason, sealed)
                )

    def _add(self, record: Record, row: TypedRow) -> None:
        version = row.version_at or self._entry.extracted_at
        loader_columns = (self._file.source.source, self._load_id, record.number, version, row.payload_hash)
        self._batch.rows.setdefault(row.entity, []).append(row.values + loader_columns)
        self._counts.rows[row.entity] += 1
        if row.watermark and (self._watermark is None or row.watermark > self._watermark):
            self._watermark = row.watermark

    def _flush(self) -> None:
        with self._connection.cursor() as cursor:
            for entity, rows in self._batch.rows.items():
                _copy(cursor, _copy_raw_sql(self._contracts[entity]), rows)
            if self._batch.set_aside:
                _copy(cursor, _COPY_QUARANTINE, self._batch.set_aside)
            if secrets := list(self._batch.secrets.values()):
                tokens = [token for token, _, _ in secrets]
                kinds = [kind.value for _, kind, _ in secrets]
                sealed = [self._keys.encrypt(value.encode()) for _, _, value in secrets]
                cursor.execute(_VAULT_SQL, (KEY_VERSION, NORMALISER_VERSION, tokens, kinds, sealed))
        self._batch = _Batch()


_COPY_QUARANTINE = (
    b"copy quarantine.records (load_id, record_number, byte_offset, entity, column_name, reason, payload) from stdin"
)


def _copy_raw_sql(contract: Contract) -> bytes:
    names = ", ".join(f'"{column.raw_name}"' for column in contract.columns)
    loader_columns = "_source, _load_id, _record_number, _version_at, _payload_hash"
    return f'copy raw."{contract.raw_table}" ({names}, {loader_columns}) from stdin'.encode()


def _copy(cursor: psycopg.Cursor, statement: bytes, rows: list[tuple[object, ...]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


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
