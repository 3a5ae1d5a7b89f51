"""Reads for people: published marts as bi_reader, and what is in quarantine."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from touchline import custody, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings
from touchline.warehouse import Role

STATEMENT_TIMEOUT = "60s"

_QUARANTINED = text("""
    select load_id, source, file_name, column_name as "column", records.reason, count(*) as records,
        min(record_number) as first_record, min(byte_offset) as first_byte
    from quarantine.records inner join ops.loads using (load_id)
    where replayed_at is null and state <> 'superseded' and (cast(:source as text) is null or source = :source)
    group by load_id, source, file_name, column_name, records.reason
    order by load_id, records desc, records.reason
""")


def read(settings: Settings, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of one statement, run read-only under the login of bi_reader."""
    url = warehouse.database_url(settings, Role.READER)
    parts = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
    try:
        with psycopg.connect(make_conninfo(**parts), autocommit=True) as connection:
            connection.execute("set default_transaction_read_only = on")
            connection.execute(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
            connection.execute("set search_path = marts")
            # The extended protocol takes exactly one statement.
            cursor = connection.execute(sql.encode(), prepare=True)
            columns = [column.name for column in cursor.description or ()]
            return columns, cursor.fetchall() if columns else []
    except psycopg.Error as error:
        raise TouchlineError(
            str(error).strip(), where="query", todo="bi_reader sees the tables of schema marts only"
        ) from None


def quarantined(engine: Engine, source: str | None) -> tuple[list[str], Sequence[tuple[Any, ...]]]:
    """Counts of held records by file, column and reason, with the first position of each."""
    with engine.connect() as connection:
        result = connection.execute(_QUARANTINED, {"source": source})
        return list(result.keys()), [tuple(row) for row in result]


def quarantined_record(settings: Settings, load_id: int, record_number: int) -> bytes | None:
    """The record's bytes as delivered, or None if it is not in quarantine."""
    engine = warehouse.engine(settings, Role.LOADER)
    with engine.connect() as connection:
        sealed = connection.scalar(
            text("select payload from quarantine.records where load_id = :load_id and record_number = :number"),
            {"load_id": load_id, "number": record_number},
        )
    return custody.held_keys(settings, engine).decrypt(bytes(sealed)) if sealed is not None else None
