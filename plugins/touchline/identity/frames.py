"""The tables identity resolution works on, its rules, and the words it gives as reasons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Schema = dict[str, pl.DataType | type[pl.DataType]]

ACCOUNT_KINDS = ("customer", "contact")
TOKEN_KINDS = ("email", "phone")
"""Kinds whose nodes are named by a token."""
NODE_KINDS = (*ACCOUNT_KINDS, "loyalty", *TOKEN_KINDS)
# Codes of a node's verdict; of the two ends of a refused link the higher code is the reason given.
TRUSTED, SEVERAL_ACCOUNTS, CONFLICTING, RECYCLED, SHARED, STATED = range(6)
REASONS = {
    SEVERAL_ACCOUNTS: "accounts_of_one_source",
    CONFLICTING: "conflicting_loyalty_ids",
    RECYCLED: "recycled_identifier",
    SHARED: "shared_identifier",
    STATED: "stated_default",
}
# Verdicts that need no look at the rest of the graph: such an identifier belongs to nobody's island.
OUTSIDE = (REASONS[SHARED], REASONS[STATED])

INSTANT = pl.Datetime("us", "UTC")
NODES: Schema = {"brand": pl.String, "node": pl.String, "node_kind": pl.String, "first_seen_at": INSTANT}
EDGES: Schema = {
    **dict.fromkeys(("brand", "left_node", "right_node", "link_type"), pl.String),
    "first_seen_at": INSTANT,
    "last_seen_at": INSTANT,
    "is_standing": pl.Boolean,
}
"""`is_standing`: a record that states how things are (a CRM contact), so the use has not ended."""
SOLVED: Schema = {
    **NODES,
    "reason": pl.String,
    "customer_id": pl.String,
    "is_anchor": pl.Boolean,
    "component_size": pl.Int32,
    "island": pl.Int64,
}
"""One row per (brand, node). `reason`: why an identifier names nobody; null for a member of a customer. `is_anchor`:
the node that `customer_id` is made from. `island`: what had to be judged together; null outside."""


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """Thresholds of the guards; the defaults are those of the dbt vars of the same names.

    `max_people_per_identifier`: distinct accounts and stronger identifiers that records show with an identifier.
    `max_accounts_per_customer`: accounts (customers and contacts) joined into one customer before the build stops.
    `phone_joins_accounts`: whether a phone alone may join two accounts of one source.
    `stated_defaults`: (brand or '*', node) that a company declares to name nobody.
    """

    max_people_per_identifier: int = 8
    max_accounts_per_customer: int = 200
    phone_joins_accounts: bool = False
    stated_defaults: frozenset[tuple[str, str]] = frozenset()
