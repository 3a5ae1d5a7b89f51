"""Records held in quarantine: of which loads they are, their bytes, and the marks of those that came in later."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import psycopg
from psycopg.rows import class_row

from touchline.errors import TouchlineError
from touchline.ledger import LoadedFile

FETCHED_AT_ONCE = 8
"""A record may have 16 MiB."""


@dataclass(frozen=True)
class Selection:
    """Which held records; None means all. `replayed_by`: not those held now, but those that came in by this load."""

    source: str | None = None
    export: str | None = None
    entity: str | None = None
    load_id: int | None = None
    reason: str | None = None
    replayed_by: int | None = None


@dataclass(frozen=True, kw_only=True)
class HeldLoad(LoadedFile):
    """A load of a file with records in quarantine; its replay is of the same file."""

    load_id: int


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record; `payload` is encrypted."""

    number: int
    offset: int
    entity: str
    column: str
    reason: str
    payload: bytes


# Casts, because a null alone has no type.
_SELECTED = """
    records.load_id = loads.load_id
    and records.erased_at is null
    and records.replayed_by is not distinct from %(replayed_by)s::bigint
    and (%(entity)s::text is null or records.entity = %(entity)s)
    and (%(reason)s::text is null or records.reason = %(reason)s)
"""
_LOADS = f"""
    select load_id, source, export, kind, brand, file_name, sha256, size_bytes, extracted_at, delivery
    from ops.loads
    where state in ('loaded', 'accepted', 'rejected') and replay_of is null
        and (%(source)s::text is null or source = %(source)s) and (%(export)s::text is null or export = %(export)s)
        and (%(load_id)s::bigint is null or load_id = %(load_id)s)
        and exists (select from quarantine.records where {_SELECTED})
    order by load_id
"""
_LOCK_LOAD = """
    select load_id from ops.loads
    where load_id = %s and state in ('loaded', 'accepted', 'rejected') for no key update
"""
_OF_LOAD = f"from quarantine.records cross join (select %(load_id)s::bigint as load_id) as loads where {_SELECTED}"
_LOCK_RECORDS = f"select count(*) from (select {_OF_LOAD} for update of records) as locked"
_RECORDS = f"""
    select record_number as number, byte_offset as offset, entity, column_name as column, reason, payload
    {_OF_LOAD} order by record_number
"""
_MARK = """
    update quarantine.records set replayed_at = now(), replayed_by = %s, replayed_as = %s
    where load_id = %s and record_number = any(%s)
"""
_HOLD = """
    update quarantine.records set entity = %s, column_name = %s, reason = %s,
        replayed_at = null, replayed_by = null, replayed_as = null
    where load_id = %s and record_number = %s
"""


def loads(connection: psycopg.Connection, selection: Selection) -> list[HeldLoad]:
    """Loads that have selected records, oldest first."""
    with connection.cursor(row_factory=class_row(HeldLoad)) as cursor:
        return cursor.execute(_LOADS, asdict(selection)).fetchall()


def lock_records(connection: psycopg.Connection, load: HeldLoad, selection: Selection) -> None:
    """Keep the load and its selected records as they are until the transaction ends."""
    if connection.execute(_LOCK_LOAD, (load.load_id,)).fetchone() is None:
        raise TouchlineError(f"Load {load.load_id} was superseded in the meantime", where=load.file_name)
    connection.execute(_LOCK_RECORDS, _of(load, selection))


def records(connection: psycopg.Connection, load: HeldLoad, selection: Selection) -> Iterator[HeldRecord]:
    """The load's selected records in the order of the file, a few at a time."""
    with connection.cursor("held_records", row_factory=class_row(HeldRecord)) as cursor:
        cursor.itersize = FETCHED_AT_ONCE
        yield from cursor.execute(_RECORDS, _of(load, selection))


def keep_context(
    connection: psycopg.Connection,
    load_id: int,
    preamble: bytes,
    columns: Sequence[str],
    seal: Callable[[bytes], bytes],
) -> None:
    """Keep what is needed to read the file's records again without the file."""
    connection.execute(
        "insert into quarantine.files (load_id, preamble, columns) values (%s, %s, %s)",
        (load_id, seal(preamble), seal(json.dumps(columns).encode())),
    )


def file_context(
    connection: psycopg.Connection, load: HeldLoad, unseal: Callable[[bytes], bytes]
) -> tuple[bytes, list[str]]:
    """(preamble, names of the columns) of the load's file."""
    found = connection.execute(
        "select preamble, columns from quarantine.files where load_id = %s", (load.load_id,)
    ).fetchone()
    if found is None:
        where = f"load {load.load_id}, {load.file_name}"
        todo = f"read the whole file again: `touchline loads reload {load.load_id}`"
        raise TouchlineError("The header of the file was not kept", where=where, todo=todo)
    return unseal(found[0]), json.loads(unseal(found[1]))


def mark(connection: psycopg.Connection, load: HeldLoad, replay_id: int, outcome: str, numbers: Sequence[int]) -> None:
    """Write on records that they came in: as `loaded` or `filtered`, by which load, now."""
    connection.execute(_MARK, (replay_id, outcome, load.load_id, list(numbers)))


def hold(connection: psycopg.Connection, load: HeldLoad, reasons: Sequence[tuple[int, str, str, str]]) -> None:
    """Write on records why they are held now: (number, entity, column, reason)."""
    with connection.cursor() as cursor:
        cursor.executemany(_HOLD, [(*why, load.load_id, number) for number, *why in reasons])


def _of(load: HeldLoad, selection: Selection) -> dict[str, object]:
    return asdict(selection) | {"load_id": load.load_id}
