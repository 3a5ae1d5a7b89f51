"""The tables of schema `raw` follow the contracts: made from them, and moved along with additive changes."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, text

from touchline import raw_months
from touchline.contracts import Contract
from touchline.errors import TouchlineError

LOADER_COLUMNS = (
    ("_source", "text not null"),
    ("_load_id", "bigint not null"),
    ("_record_number", "bigint not null"),
    ("_version_at", "timestamptz not null"),
    ("_payload_hash", "uuid not null"),
    ("_loaded_at", "timestamptz not null default now()"),
)

_EXISTING = text("""
    select attname, format_type(atttypid, atttypmod) as type
    from pg_attribute
    where attrelid = to_regclass(:table) and attnum > 0 and not attisdropped
""")
_IS_PARTITIONED = text("select relkind = 'p' from pg_class where oid = to_regclass(:table)")
_INDEXES = text("""
    select relname from pg_index inner join pg_class on pg_class.oid = indexrelid where indrelid = to_regclass(:table)
""")
_SPELLINGS = {"timestamp with time zone": "timestamptz", "time without time zone": "time"}


def missing_ddl(connection: Connection, contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """(name, script) of what `raw` lacks to hold every contract; nothing when it is up to date.

    A column that changed its type cannot be moved along: TouchlineError names it.
    """
    for contract in contracts:
        name = f"raw.{contract.raw_table}"
        table = f'raw."{contract.raw_table}"'
        rows = connection.execute(_EXISTING, {"table": table})
        existing = {row.attname: _SPELLINGS.get(row.type, row.type) for row in rows}
        if not existing:
            yield name, create_table(contract, raw_months.open_until(connection))
            continue
        _refuse_other_types(contract, existing)
        added = [column for column in contract.columns if column.raw_name not in existing]
        if added:
            # Rows that were loaded before know nothing of the new columns.
            columns = ", ".join(f'add column "{column.raw_name}" {column.raw_type}' for column in added)
            names = ", ".join(column.raw_name for column in added)
            yield f"{name} + {names}", _as_loader(f"alter table {table} {columns}")
        if not connection.scalar(_IS_PARTITIONED, {"table": table}):
            latest = connection.scalar(text(f"select max({raw_months.PARTITION_COLUMN}) from {table}"))
            yield f"{name} by load month", _partition(contract, raw_months.open_until(connection, latest))
        elif lacking := _lacking_indexes(connection, contract):
            yield f"{name} + {', '.join(lacking)}", _as_loader(";\n".join(lacking.values()))


def create_table(contract: Contract, until: datetime) -> str:
    """`create table` for the entity: contract columns, then the loader's own, with its indexes and first partition.

    `until`: end of the current month.
    """
    columns = [f'"{column.raw_name}" {column.raw_type}' for column in contract.columns]
    body = ",\n    ".join([*columns, *(f"{name} {kind}" for name, kind in LOADER_COLUMNS)])
    table = (
        f'create table raw."{contract.raw_table}" (\n    {body}\n) partition by range ({raw_months.PARTITION_COLUMN})'
    )
    first = raw_months.first_partition(contract.raw_table, until)
    return _as_loader(";\n".join([table, *indexes(contract).values(), first]))


def indexes(contract: Contract) -> dict[str, str]:
    """Name → script. How staging finds rows: by load, by the instant of the event, and deletions.

    Rows lie in the order of their loads, and events mostly in that of time, so that ranges of pages tell them apart
    (BRIN); a tree would cost each row. The ranges are small because a day's load is looked up in them: what lies in its
    ranges is read with it. Deletions are few.
    """
    table = contract.raw_table
    ranges = f'on raw."{table}" using brin ({{}}) with (autosummarize = on, pages_per_range = 16)'
    found = {f"{table}_load": ranges.format("_load_id")}
    if contract.completeness_column:
        found[f"{table}_event"] = ranges.format(contract.by_name[contract.completeness_column].raw_name)
    found[f"{table}_deleted"] = f'on raw."{table}" (_load_id) where is_deleted'
    return {name: f'create index "{name}" {script}' for name, script in found.items()}


def _partition(contract: Contract, until: datetime) -> str:
    """A table of an earlier release: its rows become the first partition, its indexes those of today."""
    steps = [
        raw_months.partition_existing(contract.raw_table, until),
        *indexes(contract).values(),
        raw_months.drop_stray_indexes(contract.raw_table, until),
    ]
    return _as_loader(";\n".join(steps))


def _lacking_indexes(connection: Connection, contract: Contract) -> dict[str, str]:
    there = set(connection.scalars(_INDEXES, {"table": f'raw."{contract.raw_table}"'}))
    return {name: script for name, script in indexes(contract).items() if name not in there}


def _as_loader(script: str) -> str:
    return f"set local role touchline_loader;\n{script};\nreset role;"


def _refuse_other_types(contract: Contract, existing: dict[str, str]) -> None:
    for column in contract.columns:
        found = existing.get(column.raw_name, column.raw_type)
        if found != column.raw_type:
            raise TouchlineError(
                f"Column {column.raw_name} holds {found}; the contract now says {column.raw_type}",
                where=f"raw.{contract.raw_table}",
                todo="a changed type is a breaking change: give the column a new name (`touchline contract diff`)",
            )
