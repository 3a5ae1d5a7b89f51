"""Identifiers go by the first token they had, so that customer ids and ties hold though tokens move."""

from dataclasses import replace

import polars as pl
import psycopg

from touchline.identity.components import resolve_components
from touchline.identity.frames import TOKEN_KINDS, IdentityRules, Schema
from touchline.identity.state import read

ORIGINS: Schema = {"origin": pl.String, "token": pl.String}
_ORIGIN_ROWS = "(select * from identity.token_origins order by first_seen_at, origin) as origins"
NEWCOMER = "~"
"""Marks the name of a token that is another identifier's first one; only a changed normaliser brings such back."""


class FirstNames:
    """Names of token nodes. `origins`: the first tokens (see identity.token_origins), in order of preference."""

    def __init__(self, origins: pl.DataFrame) -> None:
        first = origins.unique("token", keep="first", maintain_order=True)
        kinds = pl.DataFrame({"kind": [f"{kind}/" for kind in TOKEN_KINDS]})
        named = first.join(kinds, how="cross").select(
            node=pl.col("kind") + pl.col("token"), name=pl.col("kind") + pl.col("origin")
        )
        newcomers = named.join(named, left_on="name", right_on="node", how="anti").select(
            node="name", name=pl.col("name") + NEWCOMER
        )
        self._names = pl.concat([named, newcomers])

    def solve(self, nodes: pl.DataFrame, edges: pl.DataFrame, rules: IdentityRules) -> pl.DataFrame:
        """`resolve_components` under first names; its outcome bears the nodes again."""
        stated = pl.DataFrame(
            sorted(rules.stated_defaults), schema={"brand": pl.String, "node": pl.String}, orient="row"
        )
        named = frozenset(self.give(stated, "node").iter_rows())
        solved = resolve_components(
            self.give(nodes, "node"),
            self.give(edges, "left_node", "right_node"),
            replace(rules, stated_defaults=named),
        )
        return self.take_back(solved, "node")

    def give(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """The rows with first names in place of nodes."""
        return _rename(rows, columns, self._names)

    def take_back(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """The rows with nodes in place of first names."""
        return _rename(rows, columns, self._names.select(node="name", name="node"))


def first_names(session: psycopg.Connection) -> FirstNames:
    """The first names the warehouse knows."""
    return FirstNames(read(session, _ORIGIN_ROWS, ORIGINS))


def _rename(rows: pl.DataFrame, columns: tuple[str, ...], names: pl.DataFrame) -> pl.DataFrame:
    for column in columns:
        found = rows.select(column).join(names, left_on=column, right_on="node", how="left", maintain_order="left")
        rows = rows.with_columns(found["name"].fill_null(rows[column]).alias(column))
    return rows
