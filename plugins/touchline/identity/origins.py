"""Identifiers go by the first token they had, so that customer ids and ties hold though tokens move."""

import polars as pl

from touchline.identity.graph import WEAK_KINDS, Schema

ORIGINS: Schema = {"origin": pl.String, "token": pl.String}
NEWCOMER = "~"
"""Marks the name of a token that is another identifier's first one; only a changed normaliser brings such back."""


class FirstNames:
    """Names of token nodes. `origins`: the first tokens (see identity.token_origins), in order of preference."""

    def __init__(self, origins: pl.DataFrame) -> None:
        first = origins.unique("token", keep="first", maintain_order=True)
        kinds = pl.DataFrame({"kind": [f"{kind}/" for kind in WEAK_KINDS]})
        named = first.join(kinds, how="cross").select(
            node=pl.col("kind") + pl.col("token"), name=pl.col("kind") + pl.col("origin")
        )
        newcomers = named.join(named, left_on="name", right_on="node", how="anti").select(
            node="name", name=pl.col("name") + NEWCOMER
        )
        self._names = pl.concat([named, newcomers])

    def give(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """The rows with first names in place of nodes."""
        return _replace(rows, columns, self._names)

    def take_back(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """The rows with nodes in place of first names."""
        return _replace(rows, columns, self._names.select(node="name", name="node"))


def _replace(rows: pl.DataFrame, columns: tuple[str, ...], names: pl.DataFrame) -> pl.DataFrame:
    for column in columns:
        found = rows.select(column).join(names, left_on=column, right_on="node", how="left", maintain_order="left")
        rows = rows.with_columns(found["name"].fill_null(rows[column]).alias(column))
    return rows
