"""Connected components over identity edges, with guards and stable customer ids: a pure function of its input.

Every guard judges the whole graph at once, never edge by edge, so neither the order of the rows
nor the order in which loads arrived can change a result.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from touchline.errors import TouchlineError

_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]
Schema = dict[str, pl.DataType | type[pl.DataType]]

ACCOUNT_KINDS = ("customer", "contact")
WEAK_KINDS = ("email", "phone")
NODE_KINDS = (*ACCOUNT_KINDS, "loyalty", *WEAK_KINDS)
# Codes of a node's verdict; of the two ends of a refused link the higher code is the reason given.
TRUSTED, CONFLICTING, SHARED, UNKNOWN = range(4)
REASONS = {CONFLICTING: "conflicting_loyalty_ids", SHARED: "shared_identifier", UNKNOWN: "unknown_node"}
BUSIEST_NAMED = 5

LINK_KEY = ("brand", "left_node", "right_node", "link_type")
INSTANT = pl.Datetime("us", "UTC")
NODES: Schema = {"brand": pl.String, "node": pl.String, "node_kind": pl.String, "first_seen_at": INSTANT}
EDGES: Schema = {**dict.fromkeys(LINK_KEY, pl.String), "row_count": pl.Int64, "first_seen_at": INSTANT}


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """Thresholds of the guards, both counted in distinct account nodes (customers and contacts)."""

    max_people_per_identifier: int = 8
    max_component_accounts: int = 200


@dataclass(frozen=True, slots=True)
class Resolution:
    """`members`: one row per identified (brand, node); `links`: one row per edge, used or with its reason."""

    members: pl.DataFrame
    links: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Graph:
    """Edges as positions in the node table (byte order); the last position stands for every unknown node."""

    left: _Ints
    right: _Ints
    account: _Flags
    loyalty: _Flags
    weak: _Flags

    @property
    def size(self) -> int:
        return len(self.account)

    def between(self, allowed: _Flags) -> _Flags:
        """Flag the edges with both ends among the allowed nodes."""
        return allowed[self.left] & allowed[self.right]

    def components(self, edges: _Flags) -> _Ints:
        """Label every node with its connected component over the flagged edges."""
        ends = (self.left[edges], self.right[edges])
        matrix = csr_array((np.ones(len(ends[0])), ends), shape=(self.size, self.size))
        return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)

    def neighbours(self, of: _Flags, edges: _Flags) -> tuple[_Ints, _Ints]:
        """List (node, neighbour) over the flagged edges, for the nodes asked for."""
        left, right = self.left[edges], self.right[edges]
        nodes, others = np.concatenate([left, right]), np.concatenate([right, left])
        return nodes[of[nodes]], others[of[nodes]]


def resolve_components(nodes: pl.DataFrame, edges: pl.DataFrame, rules: IdentityRules | None = None) -> Resolution:
    """Cluster identity nodes into customers.

    nodes: brand, node, node_kind, first_seen_at (a node may appear once per source). edges: brand, left_node,
    right_node, link_type, row_count, first_seen_at. Other columns are ignored; brands never mix. Returns
    members (brand, node, customer_id, component_size in nodes) and links (the edges' columns, is_used,
    reason), each sorted by key in byte order. A refused identifier names nobody and gets no member row.
    Raises TouchlineError for a node of unclear kind and for a component of more than
    `rules.max_component_accounts` accounts.
    """
    rules = rules or IdentityRules()
    known = _distinct_nodes(nodes)
    links = _distinct_links(edges, known)
    graph = _build_graph(known, links)
    verdict = np.full(graph.size, TRUSTED)
    verdict[-1] = UNKNOWN
    verdict[_shared_identifiers(graph, verdict == TRUSTED, rules.max_people_per_identifier)] = SHARED
    verdict[_conflicting_identifiers(graph, verdict == TRUSTED)] = CONFLICTING
    component = graph.components(graph.between(verdict == TRUSTED))
    _check_component_sizes(graph, known, component, verdict == TRUSTED, rules.max_component_accounts)
    members = _name_members(graph, known, component, verdict == TRUSTED)
    return Resolution(members, _explain_links(links, np.maximum(verdict[graph.left], verdict[graph.right])))


def _distinct_nodes(nodes: pl.DataFrame) -> pl.DataFrame:
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
    return known.with_row_index("position")


def _distinct_links(edges: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One row per edge, in byte order, with the positions of its ends (null: no such node)."""
    links = edges.group_by(LINK_KEY).agg(pl.col("row_count").sum(), pl.col("first_seen_at").min())
    for end in ("left", "right"):
        position = known.select("brand", pl.col("node").alias(f"{end}_node"), pl.col("position").alias(end))
        links = links.join(position, on=["brand", f"{end}_node"], how="left")
    return links.sort(LINK_KEY)


def _build_graph(known: pl.DataFrame, links: pl.DataFrame) -> _Graph:
    def flags(kinds: tuple[str, ...]) -> _Flags:
        return np.append(known["node_kind"].is_in(kinds).to_numpy(), [False])

    left, right = (links[end].fill_null(known.height).cast(pl.Int64).to_numpy() for end in ("left", "right"))
    return _Graph(left, right, flags(ACCOUNT_KINDS), flags(("loyalty",)), flags(WEAK_KINDS))


def _count_distinct(keys: _Ints, values: _Ints, size: int) -> _Ints:
    """Count, for each key below `size`, the distinct values (also below `size`) it occurs with."""
    return np.bincount(np.unique(keys * size + values) // size, minlength=size)


def _linked_accounts(graph: _Graph, trusted: _Flags) -> _Ints:
    """Count the distinct accounts linked to each identifier (zero for accounts)."""
    nodes, others = graph.neighbours(graph.loyalty | graph.weak, graph.between(trusted))
    is_account = graph.account[others]
    return _count_distinct(nodes[is_account], others[is_account], graph.size)


def _shared_identifiers(graph: _Graph, trusted: _Flags, max_people: int) -> _Flags:
    """Flag the identifiers linked to more accounts than one person, or one household, plausibly has."""
    return _linked_accounts(graph, trusted) > max_people


def _conflicting_identifiers(graph: _Graph, trusted: _Flags) -> _Flags:
    """Flag the e-mails and phones that alone would join people known to be different by their loyalty ids.

    Strong groups are what loyalty ids, CRM merges and verified contacts join without any e-mail or phone; two
    loyalty ids inside one strong group (a replaced card) are no conflict. First, an e-mail or phone
    touching two groups that each carry a loyalty id is refused. The rest may still join two such groups
    through a chain (by phone to an account without a loyalty id, from there by e-mail to another card): in
    such a component every e-mail and phone that bridges two groups is refused, for choosing one of them
    would need an order. So no customer ever holds two loyalty ids on weak evidence. Each step reads the
    whole graph and the finished step before it, never a neighbour's verdict in the making: hence the result
    does not depend on the order of rows.
    """
    usable = graph.between(trusted)
    group = graph.components(usable & graph.between(~graph.weak))
    carries = np.zeros(graph.size, dtype=np.bool_)
    carries[group[graph.loyalty]] = True
    nodes, others = graph.neighbours(graph.weak, usable)
    on_card = carries[group[others]]
    conflicting = _count_distinct(nodes[on_card], group[others[on_card]], graph.size) > 1

    usable = graph.between(trusted & ~conflicting)
    component = graph.components(usable)
    cards = np.flatnonzero(graph.loyalty)
    is_mixed = _count_distinct(component[cards], group[cards], graph.size) > 1
    nodes, others = graph.neighbours(graph.weak & is_mixed[component], usable)
    return conflicting | (_count_distinct(nodes, group[others], graph.size) > 1)


def _check_component_sizes(
    graph: _Graph, known: pl.DataFrame, component: _Ints, trusted: _Flags, max_accounts: int
) -> None:
    accounts = np.bincount(component[graph.account], minlength=graph.size)
    largest = int(accounts.argmax())
    if accounts[largest] <= max_accounts:
        return
    inside = component == largest
    links = _linked_accounts(graph, trusted & inside)
    # A stable sort: equally busy identifiers stay in byte order.
    busiest = [int(node) for node in np.argsort(-links, kind="stable")[:BUSIEST_NAMED] if links[node]]
    names = ", ".join(f"{known['node'][node]} ({links[node]} accounts)" for node in busiest)
    brand = known["brand"][int(inside.argmax())]
    raise TouchlineError(
        f"identity resolution joins {accounts[largest]} accounts into one customer (limit {max_accounts})",
        where=f"brand {brand}; busiest identifiers: {names or 'none, merges only'}",
        todo="look in the exports for default or test values behind these identifiers or for wrong merges;"
        " lower max_people_per_identifier, or raise max_component_accounts if the customer is real",
    )


def _name_members(graph: _Graph, known: pl.DataFrame, component: _Ints, trusted: _Flags) -> pl.DataFrame:
    """Give each trusted node its component's id, made from its earliest account, else identifier."""
    never = np.iinfo(np.int64).max
    seen = known["first_seen_at"].cast(INSTANT).to_physical().fill_null(never).to_numpy()
    member = np.flatnonzero(trusted[:-1])
    # A stable sort over positions in byte order: ties fall to the smaller node.
    order = np.lexsort((seen[member], ~graph.account[member], component[member]))
    _, first, customer, size = np.unique(
        component[member][order], return_index=True, return_inverse=True, return_counts=True
    )
    members = known.select("brand", "node")[member]
    ids = pl.Series([_customer_id(*key) for key in members[order[first]].iter_rows()], dtype=pl.String)
    customer_of = np.empty_like(order)
    customer_of[order] = customer
    return members.with_columns(
        ids.gather(customer_of).alias("customer_id"),
        pl.Series("component_size", size[customer_of], dtype=pl.Int32),
    )


def _customer_id(brand: str, node: str) -> str:
    return "c" + hashlib.sha256(f"{brand}\x1f{node}".encode()).hexdigest()[:20]


def _explain_links(links: pl.DataFrame, verdict: _Ints) -> pl.DataFrame:
    reason = pl.Series("reason", verdict).replace_strict(REASONS, default=None, return_dtype=pl.String)
    return links.drop("left", "right").with_columns(reason.is_null().alias("is_used"), reason)
