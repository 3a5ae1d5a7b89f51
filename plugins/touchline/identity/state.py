"""The state of the build solved last, in schema identity: written whole or in part, always in one transaction."""

import io
from dataclasses import dataclass
from typing import LiteralString

import polars as pl
import psycopg

from touchline.identity.frames import INSTANT, SOLVED, Schema

ROWS_PER_COPY = 200_000
_NODE_INDEXES: dict[LiteralString, LiteralString] = {
    "nodes_key": "create unique index nodes_key on identity.nodes (node, brand)",
    "nodes_island": "create index nodes_island on identity.nodes (island)",
    "nodes_refused": "create index nodes_refused on identity.nodes (reason) where reason is not null",
    "nodes_anchor": "create unique index nodes_anchor on identity.nodes (customer_id) where is_anchor",
}
_LINK_INDEXES: dict[LiteralString, LiteralString] = {
    "links_left": "create index links_left on identity.links (brand, left_node)",
    "links_right": "create index links_right on identity.links (brand, right_node)",
}


@dataclass(frozen=True, slots=True)
class State:
    """One row of identity.states: which build the state belongs to, and how it was made."""

    build_id: int
    method: str
    rules_digest: str
    changed_nodes: int
    touched_customers: int
    nodes: int
    members: int
    customers: int


def last_state(session: psycopg.Connection) -> State | None:
    """The state the tables hold; None before the first resolution."""
    columns = ", ".join(State.__dataclass_fields__)
    row = session.execute(f"select {columns} from identity.states order by state_id desc limit 1".encode()).fetchone()
    return State(*row) if row else None


def record(session: psycopg.Connection, state: State) -> None:
    names = list(State.__dataclass_fields__)
    places = ", ".join(["%s"] * len(names))
    session.execute(
        f"insert into identity.states ({', '.join(names)}) values ({places})".encode(),
        [getattr(state, name) for name in names],
    )


def write_all(session: psycopg.Connection, build_id: int, solved: pl.DataFrame) -> None:
    """Replace nodes and links by a full solution and the edges it was made of; indexes are made once, at the end."""
    session.execute("truncate identity.nodes, identity.links")
    for name in (*_NODE_INDEXES, *_LINK_INDEXES):
        session.execute(f"drop index if exists identity.{name}".encode())
    copy_in(session, "identity.nodes", solved.with_columns(pl.lit(build_id).alias("build_id")))
    session.execute(
        "insert into identity.links"
        " select brand, left_node, right_node, link_type, first_seen_at, last_seen_at, is_standing"
        " from intermediate.int_identity_edges"
    )
    for statement in (*_NODE_INDEXES.values(), *_LINK_INDEXES.values()):
        session.execute(statement)
    session.execute("analyze identity.nodes")
    session.execute("analyze identity.links")


def write_part(session: psycopg.Connection) -> None:
    """Bring the nodes of the temporary table `before` to what `after` says; what is the same in both is not written."""
    values = [name for name in SOLVED if name not in ("brand", "node")]
    old, new = (", ".join(f"{table}.{name}" for name in values) for table in ("before", "after"))
    assignments = ", ".join(f"{name} = after.{name}" for name in (*values, "build_id"))
    columns = ", ".join((*SOLVED, "build_id"))
    gone = f"delete from identity.nodes using before where {_same('nodes', 'before')} and {_missing('before', 'after')}"
    changed = (
        f"update identity.nodes set {assignments} from after inner join before using (brand, node)"
        f" where {_same('nodes', 'after')} and ({old}) is distinct from ({new})"
    )
    came = f"insert into identity.nodes ({columns}) select {columns} from after where {_missing('after', 'before')}"
    for statement in (gone, changed, came):
        session.execute(statement.encode())


def _same(one: str, other: str) -> str:
    return f"{one}.brand = {other}.brand and {one}.node = {other}.node"


def _missing(rows: str, others: str) -> str:
    return f"not exists (select from {others} where {_same(others, rows)})"


def read(session: psycopg.Connection, relation: str, schema: Schema) -> pl.DataFrame:
    """Read a schema's columns by COPY; instants travel as integer microseconds, whatever the session."""
    instants = [name for name, dtype in schema.items() if dtype == INSTANT]
    columns = ", ".join(f"cast(extract(epoch from {c}) * 1000000 as bigint)" if c in instants else c for c in schema)
    wire = {
        name: pl.Int64 if name in instants else pl.String if dtype == pl.Boolean else dtype
        for name, dtype in schema.items()
    }
    rows = io.BytesIO()
    with (
        session.cursor() as cursor,
        cursor.copy(f"copy (select {columns} from {relation}) to stdout (format csv, encoding 'utf8')".encode()) as out,
    ):
        rows.writelines(out)
    rows.seek(0)
    frame = pl.read_csv(rows, has_header=False, schema=wire, raise_if_empty=False)
    flags = [name for name, dtype in schema.items() if dtype == pl.Boolean]
    return frame.with_columns(pl.col(instants).cast(INSTANT), *(pl.col(name) == "t" for name in flags))


def copy_in(session: psycopg.Connection, table: str, rows: pl.DataFrame) -> None:
    """Append rows to a table by COPY."""
    statement = f"copy {table} ({', '.join(rows.columns)}) from stdin (format csv, encoding 'utf8')"
    with session.cursor() as cursor, cursor.copy(statement.encode()) as into:
        for batch in rows.iter_slices(ROWS_PER_COPY):
            into.write(batch.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f+00"))
