"""Small identity graphs for tests: rows as tuples, hypothesis strategies, and a naive reference of the guards."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
from hypothesis import strategies as st

from touchline.identity import EDGES, NODES, IdentityRules

Node = tuple[str, str, int | None]  # brand, node, day first seen
Edge = tuple[str, str, str, int, int | None]  # brand, left node, right node, first day, last day (None: it stands)
Key = tuple[str, str]  # brand, node
Groups = set[frozenset[Key]]

START = datetime(2024, 1, 1, tzinfo=UTC)
IDENTIFIER_KINDS = ("loyalty", "email", "phone")


def kind_of(node: str) -> str:
    first, second = node.split("/")[:2]
    return first if first in IDENTIFIER_KINDS else second


def link_type(left: str, right: str) -> str:
    kinds = {kind_of(left), kind_of(right)} & set(IDENTIFIER_KINDS)
    return {"loyalty": "loyalty_id"}.get(*kinds, *kinds) if len(kinds) == 1 else "crm_merge"


def instant(day: int | None) -> datetime | None:
    return None if day is None else START + timedelta(days=day)


def node_rows(nodes: Iterable[Node]) -> list[tuple[str, str, str, datetime | None]]:
    return [(brand, node, kind_of(node), instant(day)) for brand, node, day in nodes]


def edge_rows(edges: Iterable[Edge]) -> list[tuple[str, str, str, str, datetime | None, datetime | None, bool]]:
    return [
        (brand, left, right, link_type(left, right), instant(first), instant(last), last is None)
        for brand, left, right, first, last in edges
    ]


def node_frame(nodes: Iterable[Node]) -> pl.DataFrame:
    return pl.DataFrame(node_rows(nodes), schema=NODES, orient="row")


def edge_frame(edges: Iterable[Edge]) -> pl.DataFrame:
    return pl.DataFrame(edge_rows(edges), schema=EDGES, orient="row")


def groups(solved: pl.DataFrame) -> Groups:
    found = defaultdict(set)
    for row in solved.filter(pl.col("customer_id").is_not_null()).iter_rows(named=True):
        found[row["customer_id"]].add((row["brand"], row["node"]))
    return {frozenset(members) for members in found.values()}


# --- Graphs of a few brands, accounts and identifiers, dense enough for every guard to act ---

ACCOUNTS = [f"t/customer/{n}" for n in range(3)] + [f"crm/contact/{n}" for n in range(3)] + ["line/customer/0"]
IDENTIFIERS = [f"{kind}/{n}" for kind in IDENTIFIER_KINDS for n in range(3)]
BRANDS = st.sampled_from("aaab")
DAYS = st.integers(0, 5)
NODE_ROWS = st.tuples(BRANDS, st.sampled_from(ACCOUNTS + IDENTIFIERS), st.none() | st.integers(0, 3))
CONTACTS = st.sampled_from([node for node in ACCOUNTS if "contact" in node])
PAIRS = (
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(IDENTIFIERS))
    | st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(IDENTIFIERS))
    | st.tuples(CONTACTS, CONTACTS)
    | st.tuples(st.sampled_from(IDENTIFIERS), st.sampled_from(IDENTIFIERS))
)


@st.composite
def edge_of(draw: st.DrawFn) -> Edge:
    left, right = draw(PAIRS)
    first = draw(DAYS)
    return draw(BRANDS), left, right, first, draw(st.none() | st.integers(first, 6))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    edges = draw(st.lists(edge_of(), min_size=4, max_size=40))
    ends = [(brand, node) for brand, *pair, _, _ in edges for node in pair]
    seen = draw(st.lists(st.none() | st.integers(0, 3), min_size=len(ends), max_size=len(ends)))
    missing = draw(st.sets(st.sampled_from(ends), max_size=2)) if ends else set()
    nodes = [(*end, day) for end, day in zip(ends, seen, strict=True) if end not in missing]
    return nodes + draw(st.lists(NODE_ROWS, max_size=5)), edges


# --- A naive reference: sets, loops and a union-find, one definition at a time ---


class UnionFind:
    def __init__(self, pairs: Iterable[tuple[Key, Key]]) -> None:
        self.parent: dict[Key, Key] = {}
        for left, right in pairs:
            self.parent[self.find(left)] = self.find(right)

    def find(self, item: Key) -> Key:
        while (above := self.parent.get(item, item)) != item:
            item = above
        return item


STRENGTH = {"phone": 0, "email": 1, "loyalty": 2, "customer": 3, "contact": 3}


def realm_of(item: Key) -> str | None:
    kind = kind_of(item[1])
    if kind in ("email", "phone"):
        return None
    return kind if kind == "loyalty" else "/".join(item[1].split("/")[:2])


class Reference:
    """`verdict` holds a reason for every identifier that names nobody."""

    def __init__(self, nodes: list[Node], edges: list[Edge], rules: IdentityRules) -> None:
        self.known = {(brand, node) for brand, node, _ in nodes}
        self.edges = [((b, left), (b, right), first, last) for b, left, right, first, last in edges]
        self.verdict: dict[Key, str] = {}
        for item in self.known:
            if ("*", item[1]) in rules.stated_defaults or item in rules.stated_defaults:
                self.verdict[item] = "stated_default"
        self.refuse({i for i in self.known if self.people(i) > rules.max_people_per_identifier}, "shared_identifier")
        self.refuse(self.recycled(), "recycled_identifier")
        self.refuse(self.conflicting("email", lambda realm: realm == "loyalty"), "conflicting_loyalty_ids")
        cards = self.conflicting("phone", lambda realm: realm == "loyalty")
        if not rules.phone_joins_accounts:
            both = self.conflicting("phone", lambda realm: realm is not None)
            self.refuse(both - cards, "accounts_of_one_source")
            cards &= both
        self.refuse(cards, "conflicting_loyalty_ids")

    def refuse(self, items: set[Key], reason: str) -> None:
        self.verdict.update(dict.fromkeys(items, reason))

    def usable(self, without: Iterable[Key] = ()) -> list[tuple[Key, Key]]:
        out = self.verdict.keys() | set(without)
        return [(x, y) for x, y, _, _ in self.edges if {x, y} <= self.known and not {x, y} & out]

    def of_kind(self, *kinds: str) -> set[Key]:
        return {item for item in self.known if kind_of(item[1]) in kinds} - self.verdict.keys()

    def beside(self, item: Key, without: Iterable[Key] = ()) -> set[Key]:
        return {y if x == item else x for x, y in self.usable(without) if item in (x, y)}

    def people(self, item: Key) -> int:
        own = STRENGTH[kind_of(item[1])]
        return sum(STRENGTH[kind_of(other[1])] > own for other in self.beside(item)) if own < 3 else 0

    def period(self, item: Key, users: set[Key]) -> tuple[float, float]:
        uses = [
            (first, float("inf") if last is None else last)
            for x, y, first, last in self.edges
            if item in (x, y) and (y if x == item else x) in users
        ]
        return min(first for first, _ in uses), max(last for _, last in uses)

    def are_apart(self, item: Key, one: set[Key], other: set[Key]) -> bool:
        (a, b), (c, d) = self.period(item, one), self.period(item, other)
        return b < c or d < a

    def recycled(self) -> set[Key]:
        weak = self.of_kind("email", "phone")
        suspects = {
            i
            for i in weak
            for x, y in combinations(self.beside(i), 2)
            if realm_of(x) and realm_of(x) == realm_of(y) and self.are_apart(i, {x}, {y})
        }
        joined = UnionFind(self.usable(without=suspects | self.of_kind("phone")))
        strong = {
            item: {
                realm_of(other)
                for other in self.of_kind("loyalty", "contact")
                if joined.find(other) == joined.find(item)
            }
            for item in self.known
        }
        found = set()
        for i in suspects:
            for x, y in combinations(self.beside(i), 2):
                if joined.find(x) != joined.find(y) and strong[x] & strong[y]:
                    sides = ({z for z in self.beside(i) if joined.find(z) == joined.find(end)} for end in (x, y))
                    if self.are_apart(i, *sides):
                        found.add(i)
        return found

    def conflicting(self, kind: str, counts) -> set[Key]:
        joining = self.of_kind(kind)
        hidden = self.of_kind("phone") - joining
        group = UnionFind(self.usable(without=joining | hidden))

        def meet(ones: set[Key], others: set[Key]) -> bool:
            return bool({r for r in map(realm_of, ones) if counts(r)} & {r for r in map(realm_of, others) if counts(r)})

        def members(root: Key) -> set[Key]:
            return {item for item in self.known - self.verdict.keys() - hidden if group.find(item) == root}

        def roots(items: Iterable[Key]) -> set[Key]:
            return {group.find(item) for item in items}

        def any_meet(found: set[Key]) -> bool:
            return any(meet(members(x), members(y)) for x, y in combinations(found, 2))

        direct = {i for i in joining if any_meet(roots(self.beside(i, hidden)))}
        whole = UnionFind(self.usable(without=direct | hidden))
        chained = {
            i
            for i in joining - direct
            if len(roots(self.beside(i, hidden | direct))) > 1
            and any_meet(
                roots(item for item in self.known - self.verdict.keys() - hidden if whole.find(item) == whole.find(i))
            )
        }
        return direct | chained

    def groups(self) -> Groups:
        final, members = UnionFind(self.usable()), defaultdict(set)
        for item in self.known - self.verdict.keys():
            members[final.find(item)].add(item)
        return {frozenset(group) for group in members.values()}
