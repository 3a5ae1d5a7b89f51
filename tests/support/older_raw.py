"""A raw table as releases made it that did not partition by load month."""

from touchline.contracts import Contract
from touchline.raw_schema import LOADER_COLUMNS


def create_table(contract: Contract) -> str:
    """All rows in one table, indexed by a tree over their loads."""
    columns = [f'"{column.raw_name}" {column.raw_type}' for column in contract.columns]
    body = ", ".join([*columns, *(f"{name} {kind}" for name, kind in LOADER_COLUMNS)])
    name = contract.raw_table
    return (
        f'set local role touchline_loader; create table raw."{name}" ({body});'
        f' create index "{name}_load" on raw."{name}" (_load_id); reset role'
    )
