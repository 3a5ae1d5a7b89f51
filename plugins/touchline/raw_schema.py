"""The tables of schema `raw` follow the contracts: made from them, and moved along with additive changes."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

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
_SPELLINGS = {"timestamp with time zone": "timestamptz", "time without time zone": "time"}


def missing_ddl(connection: Connection, contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """(name, script) of what `raw` lacks to hold every contract; nothing when it is up to date.

    A column that changed its type cannot be moved along: TouchlineError names it.
    """
    for contract in contracts:
        rows = connection.execute(_EXISTING, {"table": f'raw."{contract.raw_table}"'})
        existing = {row.attname: _SPELLINGS.get(row.type, row.type) for row in rows}
        if not existing:
            yield f"raw.{contract.raw_table}", create_table(contract)
            continue
        _refuse_other_types(contract, existing)
        added = [column for column in contract.columns if column.raw_name not in existing]
        if added:
            # Rows that were loaded before know nothing of the new columns.
            columns = ", ".join(f'add column "{column.raw_name}" {column.raw_type}' for column in added)
            names = ", ".join(column.raw_name for column in added)
            yield f"raw.{contract.raw_table} + {names}", _as_loader(f'alter table raw."{contract.raw_table}" {columns}')


def create_table(contract: Contract) -> str:
    """`create table` for the entity: contract columns, then the loader's own, with its indexes."""
    columns = [f'"{column.raw_name}" {column.raw_type}' for column in contract.columns]
    body = ",\n    ".join([*columns, *(f"{name} {kind}" for name, kind in LOADER_COLUMNS)])
    table = f'create table raw."{contract.raw_table}" (\n    {body}\n)'
    return _as_loader(";\n".join([table, *indexes(contract)]))


def indexes(contract: Contract) -> Iterator[str]:
    """How staging finds rows: by load, by the instant of the event, and deletions.

    Rows lie in the order of their loads, and events mostly in that of time, so that ranges of pages tell them apart
    (BRIN); a tree would cost each row. Deletions are few.
    """
    table = f'raw."{contract.raw_table}"'
    ranges = "using brin ({}) with (autosummarize = on)"
    yield f'create index "{contract.raw_table}_load" on {table} {ranges.format("_load_id")}'
    if contract.completeness_column:
        column = contract.by_name[contract.completeness_column].raw_name
        yield f'create index "{contract.raw_table}_event" on {table} {ranges.format(column)}'
    yield f'create index "{contract.raw_table}_deleted" on {table} (_load_id) where is_deleted'


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
