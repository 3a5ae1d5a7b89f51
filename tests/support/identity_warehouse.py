"""A migrated warehouse with empty identity input, and the means to fill and resolve it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Engine, text

from support.identity_graphs import Edge, Node, edge_rows, node_rows
from touchline.identity import IdentityRules, IdentitySummary, resolve
from touchline.identity.frames import SOLVED

INPUT = """
    create table intermediate.int_identity_nodes (brand text, node text, node_kind text, first_seen_at timestamptz);
    create table intermediate.int_identity_edges (brand text, left_node text, right_node text, link_type text,
        first_seen_at timestamptz, last_seen_at timestamptz, is_standing boolean);
    create table intermediate.changed_by_hand (brand text, node text);
    grant select on all tables in schema intermediate to touchline_builder;
"""
_NODES = text("insert into intermediate.int_identity_nodes values (:a, :b, :c, :d)")
_EDGES = text("insert into intermediate.int_identity_edges values (:a, :b, :c, :d, :e, :f, :g)")


@dataclass
class Warehouse:
    owner: Engine
    builder: Engine
    builds: int = 0

    def fill(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        """What the stage step would have left."""
        with self.owner.begin() as connection:
            connection.execute(text("truncate intermediate.int_identity_nodes, intermediate.int_identity_edges"))
            for statement, rows in ((_NODES, node_rows(nodes)), (_EDGES, edge_rows(edges))):
                if rows:
                    connection.execute(statement, [dict(zip("abcdefg", row, strict=False)) for row in rows])

    def build(self, rules: IdentityRules | None = None, **options: Any) -> IdentitySummary:
        """One build: its entry in the ledger, a day after the one before, and its identities."""
        self.builds += 1
        self.run(
            "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state, frozen_at)"
            f" values (now(), false, '', 'building', timestamptz '2024-03-01 00:00+00' + interval '{self.builds} days')"
        )
        return resolve(self.builder, self.builds, rules, **options)

    def run(self, sql: str) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(sql))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.owner.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def solved(self) -> pl.DataFrame:
        """The stored state, as `resolve_components` would give it."""
        found = self.rows(f'select {", ".join(SOLVED)} from identity.nodes order by brand, node collate "C"')
        return pl.DataFrame(found, schema=SOLVED, orient="row")

    def clear(self) -> None:
        self.run("truncate identity.nodes, identity.links, identity.states, identity.changes, identity.redirects")
