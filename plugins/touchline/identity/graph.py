"""Identity nodes and edges as arrays of positions."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from touchline.errors import TouchlineError
from touchline.identity.frames import ACCOUNT_KINDS, INSTANT, NODE_KINDS, Flags, Ints

LOYALTY_REALM = 0
NO_REALM = -1
_FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges as positions in the node table, with the microseconds between which each was in use.

    `realm`: within one realm two nodes are two persons until something better says otherwise. All loyalty ids
    are one realm; the accounts of one kind in one source are one; e-mails and phones have none.
    """

    left: Ints
    right: Ints
    first_used: Ints
    last_used: Ints
    account: Flags
    contact: Flags
    loyalty: Flags
    email: Flags
    phone: Flags
    realm: Ints

    @property
    def size(self) -> int:
        return len(self.account)

    def between(self, allowed: Flags) -> Flags:
        """Flag the edges with both ends among the allowed nodes."""
        return allowed[self.left] & allowed[self.right]

    def components(self, edges: Flags) -> Ints:
        """Label every node with its connected component over the flagged edges."""
        ends = (self.left[edges], self.right[edges])
        matrix = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(self.size, self.size))
        return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)

    def neighbours(self, of: Flags, edges: Flags) -> tuple[Ints, Ints, Ints]:
        """List (node, neighbour, edge) over the flagged edges, for the nodes asked for."""
        edge = np.flatnonzero(edges)
        left, right = self.left[edge], self.right[edge]
        from_left, from_right = of[left], of[right]
        return (
            np.concatenate([left[from_left], right[from_right]]),
            np.concatenate([right[from_left], left[from_right]]),
            np.concatenate([edge[from_left], edge[from_right]]),
        )


def distinct_nodes(nodes: pl.DataFrame) -> pl.DataFrame:
    """One row per (brand, node) in byte order, with its position, kind and earliest sighting."""
    kind, is_known = pl.col("node_kind"), pl.col("node_kind").is_in(NODE_KINDS, nulls_equal=True)
    known = nodes.group_by("brand", "node").agg(
        kind.min(), pl.col("first_seen_at").min(), is_clear=(kind.min() == kind.max()) & is_known.min()
    )
    known = known.sort("brand", "node")
    unclear = known.filter(~pl.col("is_clear").fill_null(value=False))
    if unclear.height:
        raise TouchlineError(
            f"{unclear.height} identity nodes have no kind, an unknown kind or more than one",
            where=f"brand {unclear['brand'][0]}, node {unclear['node'][0]}",
            todo=f"let the model int_identity_nodes give each node one of the kinds {', '.join(NODE_KINDS)}",
        )
    return known.drop("is_clear").with_row_index("position")


def build_graph(known: pl.DataFrame, edges: pl.DataFrame) -> Graph:
    """`known` as of `distinct_nodes`; an edge to a node that does not exist links nothing."""
    linked = edges.with_columns(pl.col("first_seen_at", "last_seen_at").cast(INSTANT).to_physical())
    for end in ("left", "right"):
        position = known.select("brand", pl.col("node").alias(f"{end}_node"), pl.col("position").alias(end))
        linked = linked.join(position, on=["brand", f"{end}_node"])
    first = linked["first_seen_at"].fill_null(-_FOREVER)
    # A use of unknown end counts as going on: it makes no conflict.
    last = linked.select(pl.when("is_standing").then(None).otherwise("last_seen_at").fill_null(_FOREVER)).to_series()

    def flags(*kinds: str) -> Flags:
        return known["node_kind"].is_in(kinds).to_numpy()

    return Graph(
        left=linked["left"].cast(pl.Int64).to_numpy(),
        right=linked["right"].cast(pl.Int64).to_numpy(),
        first_used=first.to_numpy(),
        last_used=last.to_numpy(),
        account=flags(*ACCOUNT_KINDS),
        contact=flags("contact"),
        loyalty=flags("loyalty"),
        email=flags("email"),
        phone=flags("phone"),
        realm=_realms(known),
    )


def _realms(known: pl.DataFrame) -> Ints:
    is_account = pl.col("node_kind").is_in(ACCOUNT_KINDS)
    # The node of an account is <source>/<kind>/<id>.
    source = pl.when(is_account).then(pl.col("node").str.extract(r"^([^/]*/[^/]*)/"))
    realm = (
        pl.when(pl.col("node_kind") == "loyalty")
        .then(LOYALTY_REALM)
        .otherwise(source.rank("dense").cast(pl.Int64).fill_null(NO_REALM))
    )
    return known.select(realm.cast(pl.Int64)).to_series().to_numpy()
