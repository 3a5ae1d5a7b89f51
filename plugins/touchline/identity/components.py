"""Identity nodes into customers: guards, connected components, names. A pure function of its input."""

import hashlib

import numpy as np
import polars as pl

from touchline.errors import TouchlineError
from touchline.identity.frames import INSTANT, OUTSIDE, REASONS, SOLVED, TRUSTED, Flags, IdentityRules, Ints
from touchline.identity.graph import Graph, build_graph, distinct_nodes
from touchline.identity.guards import judge_conflicts, judge_frequency

BUSIEST_NAMED = 5
_NEVER = np.iinfo(np.int64).max


class ComponentTooLargeError(TouchlineError):
    """More accounts were joined into one customer than a person plausibly has."""

    runbook = "component-too-large"


def resolve_components(nodes: pl.DataFrame, edges: pl.DataFrame, rules: IdentityRules | None = None) -> pl.DataFrame:
    """Cluster identity nodes into customers.

    nodes: columns NODES (a node may appear once per source). edges: columns EDGES. Other columns are ignored;
    brands never mix. Returns columns SOLVED, sorted by brand and node in byte order. An identifier that a guard
    refuses names nobody: it has a reason and no customer. Raises TouchlineError for a node of unclear kind and
    ComponentTooLargeError for more than `rules.max_accounts_per_customer` accounts in one customer.
    """
    rules = rules or IdentityRules()
    known = distinct_nodes(nodes)
    graph = build_graph(known, edges)
    alone = judge_frequency(graph, _stated(known, rules), rules.max_people_per_identifier)
    verdict = judge_conflicts(graph, alone, phone_joins_accounts=rules.phone_joins_accounts)
    trusted = verdict == TRUSTED
    component = graph.components(graph.between(trusted))
    _check_sizes(graph, known, component, trusted, rules.max_accounts_per_customer)
    reasons = pl.Series("reason", verdict).replace_strict(REASONS, default=None, return_dtype=pl.String)
    members = _name_members(graph, known, component, trusted)
    solved = known.with_columns(reasons).join(members, on="position", how="left", maintain_order="left")
    island = pl.Series("island", graph.components(graph.between(alone == TRUSTED)))
    return _label_islands(solved.with_columns(island)).select(SOLVED.keys())


def _stated(known: pl.DataFrame, rules: IdentityRules) -> Flags:
    stated = pl.DataFrame(sorted(rules.stated_defaults), schema=["stated_brand", "node"], orient="row")
    stated = stated.cast(pl.String)
    hits = known.join(stated, on="node").filter(
        (pl.col("stated_brand") == "*") | (pl.col("stated_brand") == pl.col("brand"))
    )
    flags = np.zeros(known.height, dtype=np.bool_)
    flags[hits["position"].to_numpy()] = True
    return flags


def _check_sizes(graph: Graph, known: pl.DataFrame, component: Ints, trusted: Flags, max_accounts: int) -> None:
    accounts = np.bincount(component[graph.account], minlength=graph.size + 1)
    largest = int(accounts.argmax())
    if accounts[largest] <= max_accounts:
        return
    inside = component == largest
    ends, others, _ = graph.neighbours(inside & ~graph.account, graph.between(trusted))
    linked = np.unique(np.stack([ends, others])[:, graph.account[others]], axis=1)[0]
    links = np.bincount(linked, minlength=graph.size)
    # A stable sort: equally busy identifiers stay in byte order.
    busiest = [int(node) for node in np.argsort(-links, kind="stable")[:BUSIEST_NAMED] if links[node]]
    names = ", ".join(f"{known['node'][node]} ({links[node]} accounts)" for node in busiest)
    kinds = known["node_kind"].filter(pl.Series(inside)).value_counts().sort("node_kind").iter_rows()
    brand = known["brand"][int(inside.argmax())]
    raise ComponentTooLargeError(
        f"identity resolution joins {accounts[largest]} accounts into one customer (limit {max_accounts})",
        where=f"brand {brand}; made of {', '.join(f'{count} {kind}' for kind, count in kinds)};"
        f" busiest identifiers: {names or 'none, declared links only'}",
        todo="look in the exports for default or test values behind these identifiers or for wrong merges; state them"
        " in the seed shared_identifiers, lower max_people_per_identifier, or raise max_accounts_per_customer"
        " if the customer is real",
    )


def _name_members(graph: Graph, known: pl.DataFrame, component: Ints, trusted: Flags) -> pl.DataFrame:
    """Give each trusted node its component's id, made from its earliest account, else identifier."""
    seen = known["first_seen_at"].cast(INSTANT).to_physical().fill_null(_NEVER).to_numpy()
    member = np.flatnonzero(trusted)
    # A stable sort over positions in byte order: ties fall to the smaller node.
    order = np.lexsort((seen[member], ~graph.account[member], component[member]))
    _, first, customer, size = np.unique(
        component[member][order], return_index=True, return_inverse=True, return_counts=True
    )
    anchors = member[order[first]]
    ids = pl.Series([customer_id(*key) for key in known.select("brand", "node")[anchors].iter_rows()], dtype=pl.String)
    return pl.DataFrame(
        {
            "position": pl.Series(member[order], dtype=pl.get_index_type()),
            "customer_id": ids.gather(customer),
            "is_anchor": member[order] == anchors[customer],
            "component_size": pl.Series(size[customer], dtype=pl.Int32),
        }
    )


def customer_id(brand: str, node: str) -> str:
    """The id of the customer whose earliest member is `node`."""
    return "c" + hashlib.sha256(f"{brand}\x1f{node}".encode()).hexdigest()[:20]


def _label_islands(solved: pl.DataFrame) -> pl.DataFrame:
    """A number for each island that does not change with the rest of the graph: 60 bits of its smallest customer id."""
    number = pl.col("customer_id").min().over("island").str.slice(1, 15).str.to_integer(base=16)
    return solved.with_columns(
        pl.when(pl.col("reason").is_null() | ~pl.col("reason").is_in(OUTSIDE)).then(number).alias("island"),
        pl.col("is_anchor").fill_null(value=False),
    )
