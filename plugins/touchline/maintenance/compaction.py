"""Removes rows of schema `raw` that no build needs any more; each table, and each load, in a transaction of its own.

Older versions go when a newer one was loaded, and had happened, before the horizon. Loads that were replaced by a
reload go, and snapshots with two newer ones, once no table stands on a build that read them (docs/maintenance.md).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from touchline import warehouse
from touchline.contracts import Contract
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.maintenance import labels

BUSY = "A build is under way, and maintenance must not take rows from it"

# A winner in a snapshot may vanish with the next one, and one that somebody answers for when the override expires.
_LASTING = """
    select load_id from ops.loads
    where state = 'accepted' and delivery <> 'snapshot' and compacted_at is null and (
        replay_of is null or replay_of in (select load_id from ops.loads where state = 'accepted')
    )
"""
_OUTDATED = """
    create temporary table outdated on commit drop as
    select part, place, event_at, next_event_at
    from (
        select records.tableoid as part, records.ctid as place, {event} as event_at,
            min(coalesce({event}, '-infinity')) over (
                partition by records._source, {key}
                order by records._version_at desc, records._payload_hash desc, records.is_deleted desc,
                    records._load_id desc, records._record_number desc, records.tableoid, records.ctid
                rows between unbounded preceding and 1 preceding
            ) as next_event_at
        from {table} as records
        where records._loaded_at < :horizon and records._load_id in ({lasting})
    ) as versions
    where next_event_at <= :horizon
"""
_REMOVE = """
    with removed as (
        delete from {table} as records using outdated
        where records.tableoid = outdated.part and records.ctid = outdated.place
        returning records.tableoid
    )
    insert into ops.compactions (table_name, horizon, removed, needed_from, needed_before, partitions)
    select :table_name, :horizon, count(*),
        (select min(coalesce(event_at, '-infinity')) from outdated where {was_seen}),
        (select max(next_event_at) from outdated where {was_seen}),
        coalesce(array_agg(distinct cast(cast(removed.tableoid as regclass) as text)), '{{}}')
    from removed
    returning removed
"""
_WAS_SEEN = "event_at is null and next_event_at > '-infinity' or event_at < next_event_at"
"""An as of between the two instants would show the older version."""
_EXISTS = text("select to_regclass(:table) is not null")
_IS_DONE = text("""
    select exists (
        select from ops.compactions where table_name = :table_name and horizon >= :horizon and load_id is null
    )
""")
_REPLACED = text("""
    select load_id, kind, file_name from ops.loads
    where compacted_at is null and finished_at < :horizon and (
        state = 'superseded'
        or (delivery = 'snapshot' and state = 'accepted' and 2 <= (
            select count(*) from ops.loads as later
            where later.source = loads.source and later.export = loads.export and later.delivery = 'snapshot'
                and later.state = 'accepted' and later.replay_of is null and later.compacted_at is null
                and later.finished_at < :horizon
                and (later.extracted_at, later.sha256) > (loads.extracted_at, loads.sha256)
        ))
    )
    and not exists (
        select from ops.build_loads where build_loads.load_id = loads.load_id and build_id >= :oldest_build
    )
    order by load_id
""")
_ENTITIES = text("select entity from ops.load_entities where load_id = :load_id order by entity")
_REMOVE_LOAD = """
    with removed as (delete from {table} as records where _load_id = :load_id returning records.tableoid)
    insert into ops.compactions (table_name, load_id, horizon, removed, partitions)
    select :table_name, :load_id, :horizon, count(*),
        coalesce(array_agg(distinct cast(cast(removed.tableoid as regclass) as text)), '{{}}')
    from removed
    returning removed
"""
_MARK_LOAD = text("update ops.loads set compacted_at = now() where load_id = :load_id")


def compact_versions(owner: Engine, contracts: Iterable[Contract], horizon: datetime) -> Iterator[tuple[str, int]]:
    """(table, rows removed), once committed, of every table that was not compacted to this horizon before."""
    for contract in contracts:
        with warehouse.advisory_lock(owner, Lock.BUILD, BUSY), _transaction(owner) as connection:
            removed = _remove_versions(connection, contract, horizon)
        if removed is not None:
            yield contract.raw_table, removed


def compact_loads(owner: Engine, horizon: datetime) -> Iterator[tuple[str, int]]:
    """(file, rows removed), once committed, of loads that no build uses any more."""
    with owner.connect() as connection:
        found = connection.execute(_REPLACED, _needs(connection, horizon)).all()
    for load in found:
        with warehouse.advisory_lock(owner, Lock.BUILD, BUSY), _transaction(owner) as connection:
            # A build may have taken it up since.
            still = connection.scalars(_REPLACED, _needs(connection, horizon)).all()
            removed = _remove_load(connection, load, horizon) if load.load_id in still else None
        if removed is not None:
            yield load.file_name, removed


def _remove_versions(connection: Connection, contract: Contract, horizon: datetime) -> int | None:
    name = contract.raw_table
    values = {"table_name": name, "horizon": horizon}
    if connection.scalar(_IS_DONE, values) or not connection.scalar(_EXISTS, {"table": f'raw."{name}"'}):
        return None
    event = contract.completeness_column and contract.by_name[contract.completeness_column].raw_name
    parts = {
        "table": f'raw."{name}"',
        "key": ", ".join(f'records."{column.raw_name}"' for column in contract.key),
        "event": f'records."{event}"' if event else "cast(null as timestamptz)",
    }
    connection.execute(text(_OUTDATED.format(**parts, lasting=_LASTING)), values)
    return int(connection.execute(text(_REMOVE.format(**parts, was_seen=_WAS_SEEN)), values).scalar_one())


def _remove_load(connection: Connection, load: Row[Any], horizon: datetime) -> int:
    removed = 0
    for entity in connection.scalars(_ENTITIES, {"load_id": load.load_id}).all():
        name = f"{load.kind}_{entity}"
        if connection.scalar(_EXISTS, {"table": f'raw."{name}"'}):
            values = {"table_name": name, "load_id": load.load_id, "horizon": horizon}
            removed += connection.execute(text(_REMOVE_LOAD.format(table=f'raw."{name}"')), values).scalar_one()
    connection.execute(_MARK_LOAD, {"load_id": load.load_id})
    return removed


def _needs(connection: Connection, horizon: datetime) -> dict[str, Any]:
    return {"horizon": horizon, "oldest_build": labels.oldest_build(connection, ("staging",))}


@contextmanager
def _transaction(owner: Engine) -> Iterator[Connection]:
    """A transaction that, as those of loads do, keeps tokens from being moved under it."""
    with owner.begin() as connection:
        if not connection.scalar(text("select pg_try_advisory_xact_lock_shared(:lock)"), {"lock": Lock.TOKENS}):
            raise TouchlineError("Tokens are being moved", todo="wait until `touchline retokenise` has ended")
        yield connection
