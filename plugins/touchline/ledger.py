"""The ledger (schema `ops`): what was loaded, built, audited and published."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, text

from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.mapping import Export, Source
from touchline.stamps import Stamp


class DeliveredFile(Protocol):
    """What the ledger needs to know of an export file."""

    @property
    def source(self) -> Source: ...
    @property
    def export(self) -> Export: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class LoadedFile:
    """The file of a load: whose it is, and its bytes."""

    source: str
    export: str
    kind: str
    brand: str
    file_name: str
    sha256: str
    size_bytes: int
    extracted_at: datetime
    delivery: str


@dataclass(frozen=True, kw_only=True)
class LoadEntry(LoadedFile):
    """What identifies a load before a record is read."""

    mapping_fingerprint: str
    started_at: datetime
    replay_of: int | None = None

    @classmethod
    def of(cls, file: DeliveredFile, stamp: Stamp, sha256: str, started_at: datetime) -> "LoadEntry":
        return cls(
            source=file.source.source,
            export=file.export.name,
            kind=file.source.kind,
            brand=file.source.brand,
            file_name=file.name,
            sha256=sha256,
            size_bytes=stamp.size,
            # A sender's clock that runs ahead must not beat the corrections that follow.
            extracted_at=min(stamp.modified_at, started_at),
            mapping_fingerprint=file.source.fingerprint(file.export),
            delivery=file.export.delivery.value,
            started_at=started_at,
        )


@dataclass
class Counts:
    """Conservation: records = loaded + quarantined + filtered; `reasons` counts (outcome, column, reason)."""

    records: int = 0
    loaded: int = 0
    quarantined: int = 0
    filtered: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Contract columns of each entity that the file can fill."""
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class LoadOutcome:
    """One file's entry in the ledger. `is_new` is false when the same bytes were loaded before."""

    load_id: int
    source: str
    export: str
    file_name: str
    state: str
    records: int
    loaded: int
    quarantined: int
    filtered: int
    reason: str | None
    is_new: bool
    mapping_fingerprint: str = ""
    """Of the mapping by which the records were read last."""
    reasons: tuple[tuple[str, str, str, int], ...] = ()


LATEST_MAPPING = """
    coalesce(
        (
            select replays.mapping_fingerprint from ops.loads as replays
            where replays.replay_of = loads.load_id and replays.state <> 'superseded'
            order by replays.load_id desc limit 1
        ), loads.mapping_fingerprint
    ) as mapping_fingerprint
"""
"""Of a row of ops.loads: the mapping its records were last read by, in a replay or at first."""

_FIND = text(f"""
    select load_id, source, export, file_name, state, records, loaded, quarantined, filtered, reason, {LATEST_MAPPING}
    from ops.loads
    where source = :source and export = :export and sha256 = :sha256
        and state not in ('refused', 'superseded') and replay_of is null
""")

_OPEN = """
    insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
        mapping_fingerprint, delivery, started_at, replay_of, state, reason)
    values (%(source)s, %(export)s, %(kind)s, %(brand)s, %(file_name)s, %(sha256)s, %(size_bytes)s, %(extracted_at)s,
        %(mapping_fingerprint)s, %(delivery)s, %(started_at)s, %(replay_of)s,
        %(state)s, %(reason)s)
    returning load_id
"""

# What was withdrawn for this load, and earlier refusals of the same bytes.
REPLACE = """
    update ops.loads set state = 'superseded', superseded_by = %(load_id)s
    where source = %(source)s and export = %(export)s and sha256 = %(sha256)s
        and load_id <> %(load_id)s and superseded_by is null and state in ('refused', 'superseded')
"""

_CLOSE = """
    update ops.loads set records = %s, loaded = %s, quarantined = %s, filtered = %s, complete_through = %s,
        finished_at = clock_timestamp()
    where load_id = %s
"""


def find_load(engine: Engine, entry: LoadEntry) -> LoadOutcome | None:
    """The load that already took these bytes for this export."""
    with engine.connect() as connection:
        key = {"source": entry.source, "export": entry.export, "sha256": entry.sha256}
        row = connection.execute(_FIND, key).mappings().first()
    return LoadOutcome(**row, is_new=False) if row else None


def open_load(connection: psycopg.Connection, entry: LoadEntry) -> int:
    """Enter a load that is about to be filled in this transaction; a concurrent twin waits here."""
    return _insert(connection, entry, "loaded", None)


def close_load(
    connection: psycopg.Connection, load_id: int, entry: LoadEntry, counts: Counts, complete_through: datetime | None
) -> LoadOutcome:
    """Write the counts and, as the last statement before commit, the sequence number."""
    connection.execute(
        _CLOSE,
        (counts.records, counts.loaded, counts.quarantined, counts.filtered, complete_through, load_id),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.load_entities (load_id, entity, rows, columns) values (%s, %s, %s, %s)",
            [(load_id, entity, rows, counts.columns.get(entity, [])) for entity, rows in counts.rows.items()],
        )
        cursor.executemany(
            "insert into ops.load_reasons (load_id, outcome, column_name, reason, records) values (%s, %s, %s, %s, %s)",
            [(load_id, *reason, records) for reason, records in counts.reasons.items()],
        )
    _take_sequence_number(connection, load_id)
    return _outcome(load_id, entry, "loaded", counts, None)


def withdraw_load(connection: psycopg.Connection, load_id: int) -> None:
    """Take a load, with its replays, out of use; the load opened next in this transaction takes its place."""
    withdrawn = connection.execute(
        "update ops.loads set state = 'superseded' where (load_id = %(id)s or replay_of = %(id)s)"
        " and state in ('loaded', 'accepted', 'rejected') returning load_id",
        {"id": load_id},
    )
    if (load_id,) not in withdrawn.fetchall():
        raise TouchlineError(f"Load {load_id} was superseded in the meantime", todo="see `touchline status`")


def refuse(connection: psycopg.Connection, entry: LoadEntry, error: TouchlineError) -> LoadOutcome:
    """Enter a file that could not be read; no row of it is in the warehouse."""
    load_id = _insert(connection, entry, "refused", str(error))
    _take_sequence_number(connection, load_id)
    return _outcome(load_id, entry, "refused", Counts(), str(error))


def record_audit(engine: Engine, verdict: str, checks: int, result: dict[str, Any], **subject: int) -> None:
    """Keep an audit's verdict; `subject` is load_id=… or build_id=…."""
    values = {"load_id": None, "build_id": None} | subject
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.audits (load_id, build_id, verdict, checks, result)"
                " values (:load_id, :build_id, :verdict, :checks, cast(:result as jsonb))"
            ),
            values | {"verdict": verdict, "checks": checks, "result": json.dumps(result)},
        )


def _insert(connection: psycopg.Connection, entry: LoadEntry, state: str, reason: str | None) -> int:
    row = connection.execute(_OPEN, vars(entry) | {"state": state, "reason": reason}).fetchone()
    if row is None:
        raise RuntimeError("insert … returning gave no row")
    connection.execute(REPLACE, vars(entry) | {"load_id": row[0]})
    return int(row[0])


def _take_sequence_number(connection: psycopg.Connection, load_id: int) -> None:
    connection.execute("select pg_advisory_xact_lock(%s)", (Lock.LOAD_SEQUENCE,))
    connection.execute(
        "update ops.loads set sequence_number = nextval('ops.load_sequence') where load_id = %s", (load_id,)
    )


def _outcome(load_id: int, entry: LoadEntry, state: str, counts: Counts, reason: str | None) -> LoadOutcome:
    return LoadOutcome(
        load_id=load_id,
        source=entry.source,
        export=entry.export,
        file_name=entry.file_name,
        state=state,
        records=counts.records,
        loaded=counts.loaded,
        quarantined=counts.quarantined,
        filtered=counts.filtered,
        reason=reason,
        is_new=True,
        mapping_fingerprint=entry.mapping_fingerprint,
        reasons=tuple((*key, count) for key, count in sorted(counts.reasons.items())),
    )
