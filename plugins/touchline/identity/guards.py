"""Which identifiers name nobody, and why.

Every guard judges the whole graph at once, never edge by edge, and each reads only the finished verdicts of the guards
before it: neither the order of rows nor the order of arrival can change a result. After `judge_frequency` no verdict
reaches beyond the connected component (the island) it is made in; incremental resolution rests on that.

Evidence has three degrees. Firm: loyalty ids, CRM merges, verified contacts, order and case references. Then e-mails.
Then phones, which households and offices share. A weaker degree never joins what a firmer one holds apart.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from touchline.identity.frames import CONFLICTING, RECYCLED, SEVERAL_ACCOUNTS, SHARED, STATED, TRUSTED, Flags, Ints
from touchline.identity.graph import LOYALTY_REALM, NO_REALM, Graph


def judge_frequency(graph: Graph, stated: Flags, max_people: int) -> Ints:
    """Verdicts that an identifier's own links decide: stated defaults, and what more people share than plausible.

    People are counted as distinct accounts and stronger identifiers beside it: a till's default phone may come with
    a thousand loyalty ids and not one account.
    """
    verdict = np.full(graph.size, TRUSTED, dtype=np.int64)
    verdict[stated] = STATED
    trusted = verdict == TRUSTED
    nodes, others, _ = graph.neighbours(graph.loyalty | graph.email | graph.phone, graph.between(trusted))
    strength = 3 * graph.account + 2 * graph.loyalty + graph.email
    is_person = strength[others] > strength[nodes]
    verdict[_count_distinct(nodes[is_person], others[is_person], graph.size) > max_people] = SHARED
    return verdict


def judge_conflicts(graph: Graph, verdict: Ints, *, phone_joins_accounts: bool) -> Ints:
    """The verdicts after all guards: recycled identifiers, then conflicts of e-mails, then conflicts of phones."""
    verdict = verdict.copy()
    verdict[_recycled(graph, verdict == TRUSTED)] = RECYCLED
    cards = replace(graph, realm=np.where(graph.loyalty, LOYALTY_REALM, NO_REALM))
    # Without the phones: what e-mails join has to stand before phones are judged against it.
    verdict[_conflicting(cards, (verdict == TRUSTED) & ~graph.phone, graph.email)] = CONFLICTING
    by_card = _conflicting(cards, verdict == TRUSTED, graph.phone)
    refused = by_card if phone_joins_accounts else _conflicting(graph, verdict == TRUSTED, graph.phone)
    verdict[refused] = SEVERAL_ACCOUNTS
    verdict[refused & by_card] = CONFLICTING
    return verdict


def _conflicting(graph: Graph, trusted: Flags, joining: Flags) -> Flags:
    """Flag the identifiers among `joining` that would join two groups which meet in a realm.

    Groups are what the rest of the trusted graph joins without them; two nodes of one realm inside one group (a
    replaced card) are no conflict. First, an identifier touching two groups that meet in a realm is refused. The
    rest may still join two such groups through a chain; there every identifier that bridges two groups is refused,
    for choosing one of them would need an order.
    """
    group = graph.components(graph.between(trusted & ~joining))
    realms = pl.DataFrame({"group": group, "realm": graph.realm}).filter(pl.col("realm") != NO_REALM).unique()
    usable = graph.between(trusted)
    nodes, others, _ = graph.neighbours(joining, usable)
    refused = np.zeros(graph.size, dtype=np.bool_)
    refused[_meeting(nodes, group[others], realms)] = True

    usable = graph.between(trusted & ~refused)
    component = graph.components(usable)
    # A group lies inside one component: its first node says which.
    _, first = np.unique(group, return_index=True)
    mixed = np.zeros(graph.size, dtype=np.bool_)
    mixed[_meeting(component[first], group[first], realms)] = True
    nodes, others, _ = graph.neighbours(joining & mixed[component], usable)
    return refused | (_count_distinct(nodes, group[others], graph.size) > 1)


def _meeting(keys: Ints, groups: Ints, realms: pl.DataFrame) -> Ints:
    """The keys that touch two groups with a common realm; `realms` lists (group, realm)."""
    pairs = pl.DataFrame({"key": keys, "group": groups}).unique()
    several = pairs.filter(pl.len().over("key") > 1).join(realms, on="group")
    return several.group_by("key", "realm").len().filter(pl.col("len") > 1)["key"].unique().to_numpy()


def _recycled(graph: Graph, trusted: Flags) -> Flags:
    """Flag e-mails and phones that passed from one person to another.

    Suspect is an identifier that two nodes of one realm used in periods that do not overlap. It is recycled when,
    without the suspects and without phones, two groups that each hold a loyalty id, or each a CRM contact, used it
    in such periods. Otherwise it may be one person who registered twice.
    """
    usable = graph.between(trusted)
    nodes, others, edge = graph.neighbours(graph.email | graph.phone, usable)
    has_realm = graph.realm[others] != NO_REALM
    suspect = np.zeros(graph.size, dtype=np.bool_)
    suspect[_apart(graph, nodes[has_realm], others[has_realm], graph.realm[others][has_realm], edge[has_realm])] = True
    if not suspect.any():
        return suspect
    group = graph.components(graph.between(trusted & ~suspect & ~graph.phone))
    is_strong = graph.loyalty | graph.contact
    realms = pl.DataFrame({"group": group, "realm": graph.realm}).filter(pl.Series(is_strong)).unique()
    chosen = suspect[nodes]
    nodes, edge = nodes[chosen], edge[chosen]
    used = pl.DataFrame({"row": np.arange(len(nodes)), "group": group[others[chosen]]}).join(realms, on="group")
    row = used["row"].to_numpy()
    recycled = np.zeros(graph.size, dtype=np.bool_)
    recycled[_apart(graph, nodes[row], used["group"].to_numpy(), used["realm"].to_numpy(), edge[row])] = True
    return recycled


def _apart(graph: Graph, nodes: Ints, users: Ints, realms: Ints, edges: Ints) -> Ints:
    """The nodes that two users of one realm used in periods that do not overlap.

    Intervals on a line overlap pairwise exactly when the latest start is not after the earliest end (Helly 1923).
    """
    uses = pl.DataFrame(
        {
            "node": nodes,
            "user": users,
            "realm": realms,
            "first": graph.first_used[edges],
            "last": graph.last_used[edges],
        }
    )
    periods = uses.group_by("node", "realm", "user").agg(pl.col("first").min(), pl.col("last").max())
    apart = periods.group_by("node", "realm").agg(pl.col("first").max(), pl.col("last").min())
    return apart.filter(pl.col("first") > pl.col("last"))["node"].unique().to_numpy()


def _count_distinct(keys: Ints, values: Ints, size: int) -> Ints:
    """Count, for each key below `size`, the distinct values (also below `size`) it occurs with."""
    return np.bincount(np.unique(keys * size + values) // max(size, 1), minlength=size)
