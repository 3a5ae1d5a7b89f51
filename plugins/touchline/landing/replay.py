"""Brings records set aside in after a fix: their bytes go through today's mapping and the exact judge again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
from sqlalchemy import Engine

from touchline import held, ledger
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.held import HeldLoad, HeldRecord, Selection
from touchline.keys import VaultKeys
from touchline.landing.batch import Intake
from touchline.landing.completeness import complete_through
from touchline.landing.gate import NULLED, Gate
from touchline.landing.judge import Filtered, Judge, Loaded, SetAside
from touchline.landing.load import row_formats
from touchline.landing.readers.held import HeldReader
from touchline.landing.readers.record import TOO_LONG
from touchline.landing.tokens import Tokeniser
from touchline.landing.transactions import driver_connection, raw_tables, token_transaction
from touchline.landing.writer import BatchWriter
from touchline.mapping import Export, Source

BATCH_RECORDS = 5_000


@dataclass
class ReplayOutcome:
    """What became of one load's held records. `load_id` is the load they came in by; None if none did.

    `held`: (column, reason) → records that are still set aside. `problem`: why none could be tried.
    """

    replay_of: int
    source: str
    export: str
    file_name: str
    load_id: int | None = None
    records: int = 0
    loaded: int = 0
    filtered: int = 0
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    problem: str = ""

    @property
    def still_held(self) -> int:
        return self.held.total()


@dataclass
class _Marks:
    """What is to be written to the records' places in quarantine."""

    loaded: list[int] = field(default_factory=list)
    filtered: list[int] = field(default_factory=list)
    held: list[tuple[int, str, str, str]] = field(default_factory=list)


def replay_load(
    engine: Engine,
    origin: HeldLoad,
    source: Source,
    contracts: Mapping[tuple[str, str], Contract],
    keys: VaultKeys,
    selection: Selection,
    *,
    is_dry_run: bool = False,
) -> ReplayOutcome:
    """Replay one load's selected records, all in one transaction.

    Those that pass make a load of their own, with the version and the record numbers of the original. Those that fail
    keep their place, with today's reason. Raises TouchlineError, and changes nothing, where none can be tried.
    """
    tables = raw_tables(source, _find_export(source, origin), contracts)
    with token_transaction(engine, keys, tables) as (connection, bound), driver_connection(engine) as records:
        replay = _Replay(connection, origin, source, contracts, bound, selection)
        return replay.judge_only(records) if is_dry_run else replay.run(records)


class _Replay:
    """One load's replay; the transaction is the caller's. Records are read over a connection of their own."""

    def __init__(
        self,
        connection: psycopg.Connection,
        origin: HeldLoad,
        source: Source,
        contracts: Mapping[tuple[str, str], Contract],
        keys: VaultKeys,
        selection: Selection,
    ) -> None:
        self._connection = connection
        self._origin = origin
        self._source = source
        self._contracts = contracts
        self._keys = keys
        self._selection = selection
        self._export = _find_export(source, origin)
        self._started_at = datetime.now(UTC)
        self._marks = _Marks()
        self._outcome = ReplayOutcome(origin.load_id, origin.source, origin.export, origin.file_name)

    def judge_only(self, records: psycopg.Connection) -> ReplayOutcome:
        reader, judge = self._open(records)
        intake = self._intake(0, judge)
        for record in held.records(records, self._origin, self._selection):
            self._take(record, reader, judge, intake)
            intake.hand_over()
        return self._told(intake, None)

    def run(self, records: psycopg.Connection) -> ReplayOutcome:
        held.lock_records(self._connection, self._origin, self._selection)
        if self._selection.replayed_by is not None:
            ledger.withdraw_load(self._connection, self._selection.replayed_by)
        reader, judge = self._open(records)
        self._connection.execute("savepoint entry")
        entry = self._entry()
        load_id = ledger.open_load(self._connection, entry)
        intake = self._intake(load_id, judge)
        gate = Gate(self._connection, load_id, [item.contract for item in intake.formats.values()], self._keys)
        with BatchWriter(
            self._connection, intake.formats, self._keys.encrypt_all, self._keys.token_version, gate
        ) as writer:
            for record in held.records(records, self._origin, self._selection):
                self._take(record, reader, judge, intake)
                if intake.batch.records >= BATCH_RECORDS:
                    writer.put(intake.hand_over())
            writer.put(intake.hand_over())
        if writer.severed:
            intake.counts.reasons[NULLED] += writer.severed
        if not intake.counts.records:
            # Nothing passed: the ledger gets no empty load.
            self._connection.execute("rollback to savepoint entry")
        self._write_marks(load_id)
        if not intake.counts.records:
            return self._told(intake, None)
        through = complete_through(self._export.complete_through, intake.watermark, self._source.timezone)
        through = through and min(through, self._started_at)
        ledger.close_load(self._connection, load_id, entry, intake.counts, through)
        return self._told(intake, load_id)

    def _open(self, records: psycopg.Connection) -> tuple[HeldReader, Judge]:
        where = f"load {self._origin.load_id}, {self._origin.file_name}"
        preamble, columns = held.file_context(records, self._origin, self._keys.decrypt)
        reader = HeldReader(self._export.format, preamble, columns, where)
        if reader.learns_names:
            found = held.records(records, self._origin, self._selection)
            reader.learn_names((self._keys.decrypt(item.payload) for item in found if item.reason != TOO_LONG), where)
        tokeniser = Tokeniser(self._keys.token_key, self._source.phone_region)
        return reader, Judge(self._source, self._export, self._contracts, reader.header, tokeniser)

    def _take(self, record: HeldRecord, reader: HeldReader, judge: Judge, intake: Intake) -> None:
        # A piece of a line may look like a record; no mapping makes it one.
        payload = b"" if record.reason == TOO_LONG else self._keys.decrypt(record.payload)
        read = reader.record(record.number, record.offset, payload)
        verdict = SetAside("", "", TOO_LONG) if record.reason == TOO_LONG else judge.judge(read)
        match verdict:
            case SetAside(entity, column, reason):
                self._outcome.held[column, reason] += 1
                known = (record.entity, record.column, record.reason)
                if self._selection.replayed_by is not None or known != (entity, column, reason):
                    self._marks.held.append((record.number, entity, column, reason))
                return
            case Filtered():
                self._marks.filtered.append(record.number)
            case Loaded():
                self._marks.loaded.append(record.number)
        intake.take(read, verdict)

    def _write_marks(self, load_id: int) -> None:
        held.mark(self._connection, self._origin, load_id, "loaded", self._marks.loaded)
        held.mark(self._connection, self._origin, load_id, "filtered", self._marks.filtered)
        held.hold(self._connection, self._origin, self._marks.held)

    def _intake(self, load_id: int, judge: Judge) -> Intake:
        formats = row_formats(self._source, self._contracts, judge, load_id)
        return Intake(load_id, self._origin.extracted_at, formats, self._keys.encrypt, self._started_at)

    def _entry(self) -> ledger.LoadEntry:
        """The original's entry: its time of extraction is the version of rows that state none."""
        known = {name: value for name, value in vars(self._origin).items() if name != "load_id"}
        fingerprint = self._source.fingerprint(self._export)
        return ledger.LoadEntry(
            **known, mapping_fingerprint=fingerprint, started_at=self._started_at, replay_of=self._origin.load_id
        )

    def _told(self, intake: Intake, load_id: int | None) -> ReplayOutcome:
        self._outcome.load_id = load_id
        self._outcome.loaded, self._outcome.filtered = intake.counts.loaded, intake.counts.filtered
        self._outcome.records = intake.counts.records + self._outcome.still_held
        return self._outcome


def _find_export(source: Source, origin: HeldLoad) -> Export:
    for export in source.exports:
        if export.name == origin.export:
            return export
    raise TouchlineError(
        f"Source {source.source} has no export {origin.export} any more",
        where=f"load {origin.load_id}, {origin.file_name}",
        todo="bring it back, with the mapping its records need",
    )
