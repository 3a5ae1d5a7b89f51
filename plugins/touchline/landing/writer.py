"""Writes batches to the warehouse in threads of its own, so that reading, encoding and COPY overlap."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Queue
from types import TracebackType
from typing import Generic, TypeVar

import psycopg

from touchline import raw_months
from touchline.contracts import PersonalKind
from touchline.landing.batch import Batch
from touchline.landing.binarycopy import HEADER, TRAILER, RowFormat, field
from touchline.landing.gate import Gate
from touchline.landing.tokens import NORMALISER_VERSION

WAITING_BATCHES = 2

Item = TypeVar("Item")

_COPY_QUARANTINE = (
    b"copy quarantine.records (load_id, record_number, byte_offset, entity, column_name, reason, payload) from stdin"
)
_ARRIVING_SQL = "create temporary table arriving_values (token uuid, kind text, ciphertext bytea) on commit drop"
_COPY_ARRIVING = b"copy arriving_values (token, kind, ciphertext) from stdin (format binary)"
_THREE_FIELDS = (3).to_bytes(2, "big")
_KINDS = {kind: field(kind.encode()) for kind in PersonalKind}
# In the order of tokens: two loads that bring the same people wait for each other instead of dead-locking.
_VAULT_SQL = """
    insert into vault.values (token, kind, ciphertext, key_version, normaliser_version)
    select distinct on (token) token, kind, ciphertext, %s, %s
    from arriving_values
    where token <> all(%s::uuid[]) and not exists (select from vault.values where values.token = arriving_values.token)
    order by token
"""
# To be ready for a conflict costs half as much again: that is left to the second try.
_VAULT_CONFLICT_SQL = _VAULT_SQL + "on conflict do nothing"


class BatchWriter:
    """Takes batches while the caller reads on; a few wait at most. Use as a context manager.

    Rows are encoded and values sealed in one thread, and sent to the warehouse by another: reading, encoding and COPY
    overlap. Leaving the block waits until everything is written, and moves personal values to the vault. What fails in
    a thread is raised by the next `put` or on leaving; batches put after a failure are dropped, so that a caller is
    never kept waiting by a dead COPY.
    Nothing is committed here. The connection is the thread's alone inside the block.
    `formats`: how the rows of each entity are written. `seal`: encrypts values. `key_version`: of the key that made the
    tokens. `gate`: keeps erased persons out; `severed` counts the rows that name nobody for it.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        formats: Mapping[str, RowFormat],
        seal: Callable[[Sequence[bytes]], list[bytes]],
        key_version: int,
        gate: Gate | None = None,
    ) -> None:
        self._connection = connection
        tables = {row_format.contract.raw_table for row_format in formats.values()}
        partitions = raw_months.open_now(connection, tables)
        self._copies = {
            entity: row_format.copy_into(partitions[row_format.contract.raw_table])
            for entity, row_format in formats.items()
        }
        self._seal = seal
        self._key_version = key_version
        self._gate = gate
        self.severed = 0
        self._has_secrets = False
        self._copying = _Stage("copy", self._write, WAITING_BATCHES)
        self._encoding = _Stage("encode", self._encode, 1)

    def __enter__(self) -> "BatchWriter":
        self._copying.start()
        self._encoding.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._encoding.give_up(error)
            self._copying.give_up(error)
            # A statement under way is cut short: its transaction will be rolled back.
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=5)
        self._encoding.finish()
        self._copying.finish()
        if error is None and (failure := self._copying.failure or self._encoding.failure):
            raise failure
        if error is None:
            self._finish()

    def _finish(self) -> None:
        unwanted: list[str] = []
        if self._gate:
            self.severed, unwanted = self._gate.close()
        if self._has_secrets:
            self._fill_vault((self._key_version, NORMALISER_VERSION, unwanted))

    def _fill_vault(self, parameters: tuple[object, ...]) -> None:
        # A few values among many: on today's disks an index is the shorter way, whatever the server believes.
        self._connection.execute("set local random_page_cost = 1.1")
        try:
            with self._connection.transaction():
                self._connection.execute(_VAULT_SQL, parameters)
        except psycopg.errors.UniqueViolation:
            # Another load has brought one of them since this statement began.
            self._connection.execute(_VAULT_CONFLICT_SQL, parameters)

    def put(self, batch: Batch) -> None:
        """Hand a batch over; waits while others wait."""
        self._encoding.put(batch)

    def _encode(self, batch: Batch) -> None:
        rows = {entity: [block for part in parts for block in part] for entity, parts in batch.rows.items()}
        values = self._seal([value.encode() for _, value in batch.secrets.values()])
        sealed = [
            b"".join((_THREE_FIELDS, field(token), _KINDS[kind], field(value)))
            for (token, (kind, _)), value in zip(batch.secrets.items(), values, strict=True)
        ]
        self._copying.put(_Encoded(rows, batch.set_aside, batch.secrets, b"".join((HEADER, *sealed, TRAILER))))

    def _write(self, batch: "_Encoded") -> None:
        with self._connection.cursor() as cursor:
            for entity, blocks in batch.rows.items():
                with cursor.copy(self._copies[entity]) as copy:
                    copy.write(HEADER)
                    for block in blocks:
                        copy.write(block)
                    copy.write(TRAILER)
            if batch.set_aside:
                with cursor.copy(_COPY_QUARANTINE) as copy:
                    for row in batch.set_aside:
                        copy.write_row(row)
            if batch.secrets:
                self._write_secrets(cursor, batch)

    def _write_secrets(self, cursor: psycopg.Cursor, batch: "_Encoded") -> None:
        if self._gate:
            self._gate.see(batch.secrets)
        if not self._has_secrets:
            cursor.execute(_ARRIVING_SQL)
            self._has_secrets = True
        with cursor.copy(_COPY_ARRIVING) as copy:
            copy.write(batch.sealed)


@dataclass(frozen=True)
class _Encoded:
    """A batch as it is sent. `sealed`: its secrets in binary COPY."""

    rows: dict[str, list[memoryview]]
    set_aside: list[tuple[object, ...]]
    secrets: Mapping[bytes, tuple[PersonalKind, str]]
    sealed: bytes


class _Stage(Generic[Item]):
    """A thread that works off what is put, in order. After a failure it drops what comes and says so."""

    def __init__(self, name: str, work: Callable[[Item], None], waiting: int) -> None:
        self._work = work
        self._queue: Queue[Item | None] = Queue(waiting)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def put(self, item: Item) -> None:
        """Wait for room, and raise what an earlier item has failed with."""
        if self.failure is not None:
            raise self.failure
        self._queue.put(item)

    def give_up(self, error: BaseException) -> None:
        """Drop what has not been worked off."""
        self.failure = self.failure or error

    def finish(self) -> None:
        """Wait until everything put is worked off or dropped."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if self.failure is not None:
                continue
            try:
                self._work(item)
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                self.failure = error
