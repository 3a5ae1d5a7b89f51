"""Reads a build's identity edges from the warehouse and stores who is who."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import psycopg
from sqlalchemy import Engine

from touchline.errors import TouchlineError
from touchline.identity.graph import EDGES, INSTANT, NODES, IdentityRules, Schema, resolve_components
from touchline.identity.origins import ORIGINS, FirstNames

ROWS_PER_COPY = 200_000
_ORIGIN_ROWS = "(select * from identity.token_origins order by first_seen_at, origin) as origins"


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """Counts of one build; `nodes` are distinct, `members` are those with a customer."""

    customers: int
    nodes: int
    members: int
    links_used: int
    links_refused: Mapping[str, int]


def resolve(engine: Engine, build_id: int, rules: IdentityRules | None = None) -> IdentitySummary:
    """Resolve the identities of one build and replace its rows in identity.members and identity.links.

    Reads intermediate.int_identity_nodes, intermediate.int_identity_edges and identity.token_origins. All is one
    transaction: a repeated call gives the same rows, a failing one (TouchlineError of `resolve_components`)
    leaves the old ones.
    """
    with engine.begin() as connection:
        session = connection.connection.driver_connection
        if not isinstance(session, psycopg.Connection):
            raise TouchlineError(
                "identity resolution copies rows by psycopg 3", todo="use a postgresql+psycopg:// engine"
            )
        nodes = _read(session, "intermediate.int_identity_nodes", NODES)
        edges = _read(session, "intermediate.int_identity_edges", EDGES)
        names = FirstNames(_read(session, _ORIGIN_ROWS, ORIGINS))
        ends = ("left_node", "right_node")
        resolution = resolve_components(names.give(nodes, "node"), names.give(edges, *ends), rules)
        _replace(session, "identity.members", build_id, names.take_back(resolution.members, "node"))
        _replace(session, "identity.links", build_id, names.take_back(resolution.links, *ends))
    refused = resolution.links.filter(~pl.col("is_used")).group_by("reason").len().sort("reason")
    return IdentitySummary(
        customers=resolution.members["customer_id"].n_unique(),
        nodes=nodes.select("brand", "node").n_unique(),
        members=resolution.members.height,
        links_used=int(resolution.links["is_used"].sum()),
        links_refused=dict(refused.iter_rows()),
    )


def _read(session: psycopg.Connection, table: str, schema: Schema) -> pl.DataFrame:
    """Read a schema's columns by COPY; instants travel as integer microseconds, whatever the session."""
    instants = [name for name, dtype in schema.items() if dtype == INSTANT]
    columns = ", ".join(f"cast(extract(epoch from {c}) * 1000000 as bigint)" if c in instants else c for c in schema)
    rows = io.BytesIO()
    with (
        session.cursor() as cursor,
        cursor.copy(f"copy (select {columns} from {table}) to stdout (format csv, encoding 'utf8')".encode()) as out,
    ):
        rows.writelines(out)
    rows.seek(0)
    wire = {name: pl.Int64 if name in instants else dtype for name, dtype in schema.items()}
    frame = pl.read_csv(rows, has_header=False, schema=wire, raise_if_empty=False)
    return frame.with_columns(pl.col(instants).cast(INSTANT))


def _replace(session: psycopg.Connection, table: str, build_id: int, rows: pl.DataFrame) -> None:
    """Replace one build's rows of a table; refresh its statistics, for the model step joins on it next."""
    columns = ", ".join(["build_id", *rows.columns])
    with session.cursor() as cursor:
        # Two runs of one build queue up here instead of writing its rows twice; readers are not held up.
        cursor.execute(f"lock table {table} in share row exclusive mode".encode())
        cursor.execute(f"delete from {table} where build_id = %s".encode(), [build_id])
        with cursor.copy(f"copy {table} ({columns}) from stdin (format csv, encoding 'utf8')".encode()) as into:
            for batch in rows.select(pl.lit(build_id).alias("build_id"), pl.all()).iter_slices(ROWS_PER_COPY):
                into.write(batch.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f+00"))
        cursor.execute(f"analyze {table}".encode())
