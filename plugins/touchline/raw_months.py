"""Tables of schema `raw` are partitioned by the month (UTC) their rows are loaded in.

The partitions of a table follow each other without a gap, and the first has no lower bound: a clock that goes back
still finds a place. A load makes the next one before it begins (docs/decisions/0017-raw-by-load-month.md).
"""

from collections.abc import Iterable
from datetime import datetime

import psycopg
from sqlalchemy import Connection, Engine, text

from touchline.locks import Lock

PARTITION_COLUMN = "_loaded_at"

_MONTH_END = "date_trunc('month', {} at time zone 'UTC') at time zone 'UTC' + interval '1 month'"
_OPEN_UNTIL = text(f"select {_MONTH_END.format('greatest(now(), cast(:latest as timestamptz))')}")
# A load begins right after; a day is more than it needs.
_WANTING = text(f"""
    select table_name, max(until) as until, {_MONTH_END.format("(now() + interval '1 day')")} as next_until
    from ops.raw_months where table_name = any(:tables)
    group by table_name having max(until) < now() + interval '1 day'
    order by table_name
""")

_OPEN_NOW = """
    select table_name, partition_name from ops.raw_months
    where table_name = any(%s) and now() < until and (since is null or now() >= since)
"""


def ensure_months(engine: Engine, tables: Iterable[str]) -> list[str]:
    """Make the partitions that a load beginning now will need; names of those made. Waits for no load and no reader."""
    wanted = {"tables": sorted(tables)}
    with engine.connect() as connection:
        if not connection.execute(_WANTING, wanted).all():
            return []
    made = []
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": Lock.RAW_MONTHS})
        for row in connection.execute(_WANTING, wanted).all():
            name = partition_name(row.table_name, row.next_until)
            bounds = f"from ('{row.until.isoformat()}') to ('{row.next_until.isoformat()}')"
            # Attached, not made as a partition: that would wait for whoever reads the table.
            connection.exec_driver_sql(
                f"""
                set local role touchline_loader;
                create table raw."{name}" (like raw."{row.table_name}" including defaults);
                alter table raw."{row.table_name}" attach partition raw."{name}" for values {bounds};
                """
            )
            made.append(name)
    return made


def open_now(connection: psycopg.Connection, tables: Iterable[str]) -> dict[str, str]:
    """The partition that takes the rows which this transaction adds to each table. Named at once it is not looked for a
    million times; a row of another month it would refuse."""
    return dict(connection.execute(_OPEN_NOW, (sorted(tables),)).fetchall())


def open_until(connection: Connection, latest: datetime | None = None) -> datetime:
    """End of the current month, or of the month of `latest` if that is later."""
    found: datetime = connection.execute(_OPEN_UNTIL, {"latest": latest}).scalar_one()
    return found


def first_partition(table: str, until: datetime) -> str:
    """`create table` for the first partition of a new table."""
    return (
        f'create table raw."{partition_name(table, until)}" partition of raw."{table}"'
        f" for values from (minvalue) to ('{until.isoformat()}')"
    )


def partition_existing(table: str, until: datetime) -> str:
    """Script that makes a table of an earlier release the first partition of a new one of its name. Copies no row."""
    first = partition_name(table, until)
    return f"""
        alter table raw."{table}" rename to "{first}";
        do $$
        declare found record;
        begin
            for found in
                select relname from pg_index inner join pg_class on pg_class.oid = indexrelid
                where indrelid = to_regclass('raw."{first}"')
            loop
                execute format('alter index raw.%I rename to %I', found.relname,
                    replace(found.relname, '{table}', '{first}'));
            end loop;
        end $$;
        create table raw."{table}" (like raw."{first}" including defaults) partition by range ({PARTITION_COLUMN});
        alter table raw."{table}" attach partition raw."{first}" for values from (minvalue) to ('{until.isoformat()}')
    """


def drop_stray_indexes(table: str, until: datetime) -> str:
    """Script that drops the first partition's indexes that are none of the table's."""
    first = partition_name(table, until)
    return f"""
        do $$
        declare found record;
        begin
            for found in
                select relname from pg_index inner join pg_class on pg_class.oid = indexrelid
                where indrelid = to_regclass('raw."{first}"')
                    and not exists (select from pg_inherits where inhrelid = indexrelid)
            loop
                execute format('drop index raw.%I', found.relname);
            end loop;
        end $$
    """


def partition_name(table: str, until: datetime) -> str:
    """Named after the last month it holds."""
    year, month = (until.year - 1, 12) if until.month == 1 else (until.year, until.month - 1)
    return f"{table}_{year:04d}_{month:02d}"
