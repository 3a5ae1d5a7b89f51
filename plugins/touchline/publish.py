"""Publication: schemas change names in one transaction, so that readers see one whole audited build or the other.

Slots: `marts_next` is being built, `marts` is read, `marts_previous` is the way back. A publication moves the old
`marts_previous` to `marts_idle`, whose disk the next build takes; the way back is thus there during a build, too.
See docs/decisions/0003-three-slots.md.
"""

from collections.abc import Collection

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from touchline import builds
from touchline.errors import TouchlineError

LOCK_TIMEOUT = "5s"
"""An idle reader may still hold a table of the oldest slot; wait this long for it, then say so."""

_HOLDS_ERASED = text("select exists (select from ops.erasures where frozen_before >= :build_id and rows <> '{}')")
_TABLES = text("select schemaname, tablename from pg_tables where schemaname = any(:schemas)")


def prepare_slot(engine: Engine, build_id: int) -> None:
    """Give the builder `marts_next`: the slot of the last build that failed, else the idle one, else an empty one.

    A slot that was used before keeps its tables: those kept by key are brought up to date, others are made anew.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        if not _exists(connection, "marts_next"):
            if _exists(connection, "marts_idle"):
                connection.exec_driver_sql("alter schema marts_idle rename to marts_next")
            else:
                connection.exec_driver_sql("create schema marts_next authorization touchline_publisher")
        _wait_for_readers(connection, "marts_next")
        connection.exec_driver_sql("revoke usage on schema marts_next from bi_reader")
        connection.exec_driver_sql("grant usage, create on schema marts_next to touchline_builder")
        _label(connection, "marts_next", build_id)


def drop_strays(engine: Engine, expected: Collection[str]) -> list[str]:
    """Drop tables of `marts_next` and `working` that no model makes any more; their names."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        found = connection.execute(_TABLES, {"schemas": ["marts_next", "working"]})
        strays = [(row.schemaname, row.tablename) for row in found if row.tablename not in expected]
        for schema, table in strays:
            connection.exec_driver_sql(f'drop table {schema}."{table}" cascade')
    return sorted({table for _, table in strays})


def publish(engine: Engine, build_id: int) -> builds.Publication:
    """Make an audited build what readers see. Refuses a slot that holds another build."""
    with engine.begin() as connection:
        state = connection.scalar(
            text("select state from ops.builds where build_id = :id for update"), {"id": build_id}
        )
        if state != "audited" or slot_build(connection, "marts_next") != build_id:
            raise TouchlineError(
                f"Build {build_id} is not ready to publish (state {state})", todo="run `touchline run` again"
            )
        _as_publisher(connection)
        connection.exec_driver_sql("revoke create, usage on schema marts_next from touchline_builder")
        if _exists(connection, "marts_previous"):
            connection.exec_driver_sql("alter schema marts_previous rename to marts_idle")
        connection.exec_driver_sql("alter schema marts rename to marts_previous")
        connection.exec_driver_sql("alter schema marts_next rename to marts")
        _open_to_readers(connection)
        connection.exec_driver_sql("reset role")
        connection.execute(
            text("update ops.builds set state = 'published', finished_at = now() where build_id = :id"),
            {"id": build_id},
        )
        return _record(connection, build_id, "publish")


def rollback(engine: Engine) -> builds.Publication:
    """Make the previous build what readers see; a second roll-back undoes the first."""
    with engine.begin() as connection:
        build_id = slot_build(connection, "marts_previous")
        if build_id is None:
            raise TouchlineError("There is no previous build to return to", where="schema marts_previous")
        if connection.scalar(_HOLDS_ERASED, {"build_id": build_id}):
            todo = "go on with a new build: `touchline run`"
            raise TouchlineError(f"Build {build_id} still holds persons erased since", where="ops.erasures", todo=todo)
        _as_publisher(connection)
        connection.exec_driver_sql("alter schema marts rename to marts_swap")
        connection.exec_driver_sql("alter schema marts_previous rename to marts")
        connection.exec_driver_sql("alter schema marts_swap rename to marts_previous")
        _open_to_readers(connection)
        connection.exec_driver_sql("reset role")
        return _record(connection, build_id, "rollback")


def slot_build(connection: Connection, slot: str) -> int | None:
    """The build a slot holds, from the schema's comment (it travels with a rename)."""
    label = connection.scalar(
        text("select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = :slot"), {"slot": slot}
    )
    return int(label.removeprefix("build ")) if label else None


def _wait_for_readers(connection: Connection, slot: str) -> None:
    tables = [f'{slot}."{row.tablename}"' for row in connection.execute(_TABLES, {"schemas": [slot]})]
    if not tables:
        return
    try:
        connection.exec_driver_sql(f"lock table {', '.join(tables)} in access exclusive mode")
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise TouchlineError(
            "A reader has held tables of an older build open for too long",
            where=f"schema {slot}; waited {LOCK_TIMEOUT}",
            todo="end its idle transaction (see pg_stat_activity), then run again",
        ) from error


def _as_publisher(connection: Connection) -> None:
    connection.exec_driver_sql("set local role touchline_publisher")


def _open_to_readers(connection: Connection) -> None:
    connection.exec_driver_sql("revoke usage on schema marts_previous from bi_reader")
    connection.exec_driver_sql("grant usage on schema marts to bi_reader")


def _label(connection: Connection, slot: str, build_id: int) -> None:
    connection.exec_driver_sql(f"comment on schema {slot} is 'build {build_id:d}'")


def _exists(connection: Connection, schema: str) -> bool:
    found = connection.scalar(text("select exists (select from pg_namespace where nspname = :name)"), {"name": schema})
    return bool(found)


def _record(connection: Connection, build_id: int, kind: str) -> builds.Publication:
    row = (
        connection.execute(
            text(
                "insert into ops.publications (build_id, kind) values (:id, :kind)"
                " returning publication_id, build_id, kind, published_at"
            ),
            {"id": build_id, "kind": kind},
        )
        .mappings()
        .one()
    )
    return builds.Publication(**row)
