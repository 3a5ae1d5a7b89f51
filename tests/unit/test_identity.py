"""Identity resolution: hand-made graphs, a naive reference, and the round trip through a real Postgres."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text

from touchline.errors import TouchlineError
from touchline.identity import (
    EDGES,
    NODES,
    IdentityRules,
    IdentitySummary,
    Resolution,
    resolve,
    resolve_components,
)

Node = tuple[str, str, int | None]  # brand, node, day first seen
Edge = tuple[str, str, str]  # brand, left node, right node
Groups = set[frozenset[tuple[str, str]]]

START = datetime(2024, 1, 1, tzinfo=UTC)
PREFIX_KINDS = ("loyalty", "email", "phone")


def kind_of(node: str) -> str:
    first, second = node.split("/")[:2]
    return first if first in PREFIX_KINDS else second


def link_type(left: str, right: str) -> str:
    kinds = {kind_of(left), kind_of(right)} & set(PREFIX_KINDS)
    return {"loyalty": "loyalty_id"}.get(*kinds, *kinds) if len(kinds) == 1 else "crm_merge"


def instant(day: int | None) -> datetime | None:
    return None if day is None else START + timedelta(days=day)


def node_frame(nodes: Iterable[Node]) -> pl.DataFrame:
    rows = [(brand, node, kind_of(node), instant(day)) for brand, node, day in nodes]
    return pl.DataFrame(rows, schema=NODES, orient="row")


def edge_frame(edges: Iterable[Edge]) -> pl.DataFrame:
    rows = [(brand, left, right, link_type(left, right), 1, START) for brand, left, right in edges]
    return pl.DataFrame(rows, schema=EDGES, orient="row")


def run(
    days: Mapping[str, int | None], edges: Iterable[tuple[str, str]], rules: IdentityRules | None = None
) -> Resolution:
    """Resolve a graph of one brand, `a`."""
    nodes = node_frame(("a", node, day) for node, day in days.items())
    return resolve_components(nodes, edge_frame(("a", left, right) for left, right in edges), rules)


def groups(resolution: Resolution) -> Groups:
    found = defaultdict(set)
    for row in resolution.members.iter_rows(named=True):
        found[row["customer_id"]].add((row["brand"], row["node"]))
    return {frozenset(members) for members in found.values()}


def of_brand_a(*members: set[str]) -> Groups:
    return {frozenset(("a", node) for node in group) for group in members}


def reasons(resolution: Resolution) -> dict[tuple[str, str], str | None]:
    rows = resolution.links.iter_rows(named=True)
    return {(row["left_node"], row["right_node"]): row["reason"] for row in rows}


def customer_of(resolution: Resolution) -> dict[str, str]:
    return dict(resolution.members.select("node", "customer_id").iter_rows())


def expected_id(brand: str, node: str) -> str:
    return "c" + hashlib.sha256(brand.encode() + b"\x1f" + node.encode()).hexdigest()[:20]


def test_one_person_over_three_sources_is_one_customer() -> None:
    days = {"till/customer/1": 5, "crm/contact/9": 3, "line/customer/7": 9, "email/e": 0, "loyalty/L": 1}
    resolution = run(
        days,
        [
            ("till/customer/1", "loyalty/L"),
            ("crm/contact/9", "loyalty/L"),
            ("crm/contact/9", "email/e"),
            ("line/customer/7", "email/e"),
        ],
    )
    assert groups(resolution) == of_brand_a(set(days))
    # The identifiers were seen earlier, but an account names the customer: the contact of day 3.
    assert set(customer_of(resolution).values()) == {expected_id("a", "crm/contact/9")}
    assert resolution.members["component_size"].to_list() == [5] * 5
    assert resolution.links["is_used"].to_list() == [True] * 4


def test_customer_id_is_a_fixed_function_of_brand_and_earliest_account() -> None:
    # printf 'default\x1fstore_pos/customer/1' | sha256sum | cut -c1-20
    nodes = node_frame([("default", "store_pos/customer/1", 0)])
    assert resolve_components(nodes, edge_frame([])).members["customer_id"].to_list() == ["c7959a2807942d8cd06dc"]


def test_nodes_without_edges_are_customers_of_their_own() -> None:
    resolution = run({"till/customer/1": 0, "email/e": 0, "phone/p": None}, [])
    assert groups(resolution) == of_brand_a({"till/customer/1"}, {"email/e"}, {"phone/p"})
    assert customer_of(resolution)["email/e"] == expected_id("a", "email/e")


def test_nothing_in_nothing_out() -> None:
    resolution = run({}, [])
    assert (resolution.members.height, resolution.links.height) == (0, 0)


def test_ties_in_time_fall_to_the_smaller_node_in_bytes() -> None:
    # U+FF01 (EF BC 81) < U+1F600 (F0 9F 98 80) in UTF-8, though not in UTF-16; upper case before lower.
    late, early = "till/customer/\U0001f600", "till/customer/\uff01"
    assert set(customer_of(run({late: 4, early: 4}, [(late, early)])).values()) == {expected_id("a", early)}
    lower, upper = "till/customer/a", "till/customer/B"
    assert set(customer_of(run({lower: 4, upper: 4}, [(lower, upper)])).values()) == {expected_id("a", upper)}


def test_an_account_never_seen_at_a_known_time_names_the_customer_last() -> None:
    edges = [("till/customer/1", "till/customer/2")]
    resolution = run({"till/customer/1": None, "till/customer/2": 8}, edges)
    assert set(customer_of(resolution).values()) == {expected_id("a", "till/customer/2")}


def test_a_late_earlier_member_changes_the_id_and_its_absence_restores_it() -> None:
    days: dict[str, int | None] = {"till/customer/1": 5, "email/e": 5}
    edges = [("till/customer/1", "email/e")]
    before = customer_of(run(days, edges))
    after = customer_of(run({**days, "crm/contact/2": 1}, [*edges, ("crm/contact/2", "email/e")]))
    assert set(before.values()) == {expected_id("a", "till/customer/1")}
    assert set(after.values()) == {expected_id("a", "crm/contact/2")}
    assert customer_of(run(days, edges)) == before


def test_a_node_reported_by_several_sources_counts_from_its_first_sighting() -> None:
    nodes = node_frame([("a", "t/customer/1", 9), ("a", "t/customer/2", 5), ("a", "t/customer/1", 2)])
    resolution = resolve_components(nodes, edge_frame([("a", "t/customer/1", "t/customer/2")]))
    assert resolution.members.height == 2
    assert set(customer_of(resolution).values()) == {expected_id("a", "t/customer/1")}


def test_the_same_edge_from_several_sources_is_one_link_with_all_its_rows() -> None:
    key = ("a", "t/customer/1", "email/e", "email")
    edges = pl.DataFrame([(*key, 3, instant(7)), (*key, 4, instant(2))], schema=EDGES, orient="row")
    links = resolve_components(node_frame([("a", "t/customer/1", 0), ("a", "email/e", 0)]), edges).links
    assert links.rows() == [(*key, 7, instant(2), True, None)]


def test_brands_never_mix() -> None:
    nodes = node_frame((brand, node, 0) for brand in ("a", "b") for node in ("t/customer/1", "email/e"))
    resolution = resolve_components(nodes, edge_frame([("a", "t/customer/1", "email/e")]))
    assert groups(resolution) == {
        frozenset({("a", "t/customer/1"), ("a", "email/e")}),
        frozenset({("b", "t/customer/1")}),
        frozenset({("b", "email/e")}),
    }
    assert resolution.members["customer_id"].n_unique() == 3


def test_crm_merges_join_contacts_transitively() -> None:
    days = {f"crm/contact/{n}": n for n in (1, 2, 3, 4)}
    resolution = run(days, [("crm/contact/1", "crm/contact/2"), ("crm/contact/3", "crm/contact/2")])
    assert groups(resolution) == of_brand_a({"crm/contact/1", "crm/contact/2", "crm/contact/3"}, {"crm/contact/4"})


@pytest.mark.parametrize("identifier", ["loyalty/0", "email/0", "phone/0"])
@pytest.mark.parametrize(("accounts", "is_shared"), [(8, False), (9, True)])
def test_an_identifier_of_more_than_eight_accounts_links_nobody(
    identifier: str, accounts: int, is_shared: bool
) -> None:
    people = [f"t/customer/{n}" for n in range(accounts)]
    resolution = run(dict.fromkeys([identifier, *people], 0), [(person, identifier) for person in people])
    if is_shared:
        assert groups(resolution) == of_brand_a(*({person} for person in people))
        assert set(reasons(resolution).values()) == {"shared_identifier"}
    else:
        assert groups(resolution) == of_brand_a({identifier, *people})


def test_repeated_links_to_one_account_do_not_make_an_identifier_shared() -> None:
    edges = [("t/customer/1", "email/e"), ("email/e", "t/customer/1"), ("t/customer/2", "email/e")]
    resolution = run(dict.fromkeys(["t/customer/1", "t/customer/2", "email/e"], 0), edges, IdentityRules(2, 200))
    assert set(reasons(resolution).values()) == {None}


def test_a_phone_between_two_loyalty_ids_joins_neither() -> None:
    days = dict.fromkeys(["t/customer/1", "t/customer/2", "t/customer/3", "loyalty/A", "loyalty/B", "phone/p"], 0)
    edges = [("t/customer/1", "loyalty/A"), ("t/customer/2", "loyalty/B")]
    weak = [(f"t/customer/{n}", "phone/p") for n in (1, 2, 3)]
    resolution = run(days, edges + weak)
    assert groups(resolution) == of_brand_a(
        {"t/customer/1", "loyalty/A"}, {"t/customer/2", "loyalty/B"}, {"t/customer/3"}
    )
    assert reasons(resolution) == dict.fromkeys(edges) | dict.fromkeys(weak, "conflicting_loyalty_ids")


def test_two_loyalty_ids_merged_by_the_crm_are_one_person_to_a_phone() -> None:
    days = dict.fromkeys(["crm/contact/1", "crm/contact/2", "loyalty/A", "loyalty/B", "phone/p"], 0)
    edges = [
        ("crm/contact/1", "loyalty/A"),
        ("crm/contact/2", "loyalty/B"),
        ("crm/contact/1", "crm/contact/2"),
        ("crm/contact/1", "phone/p"),
        ("crm/contact/2", "phone/p"),
    ]
    assert groups(run(days, edges)) == of_brand_a(set(days))


def test_a_chain_of_weak_identifiers_does_not_join_two_loyalty_ids() -> None:
    # A - phone - somebody without a card - e-mail - B; the e-mail only A uses bridges nothing and stays.
    days = dict.fromkeys(
        [
            *(f"t/customer/{n}" for n in (1, 2, 3)),
            "loyalty/A",
            "loyalty/B",
            "phone/p",
            "email/e",
            "email/own",
        ],
        0,
    )
    strong = [("t/customer/1", "loyalty/A"), ("t/customer/2", "loyalty/B"), ("t/customer/1", "email/own")]
    bridges = [
        ("t/customer/1", "phone/p"),
        ("t/customer/3", "phone/p"),
        ("t/customer/3", "email/e"),
        ("t/customer/2", "email/e"),
    ]
    resolution = run(days, strong + bridges)
    assert groups(resolution) == of_brand_a(
        {"t/customer/1", "loyalty/A", "email/own"}, {"t/customer/2", "loyalty/B"}, {"t/customer/3"}
    )
    assert reasons(resolution) == dict.fromkeys(strong) | dict.fromkeys(bridges, "conflicting_loyalty_ids")


def test_a_shared_loyalty_id_makes_no_conflict() -> None:
    # Three customers show the store's own card B; with at most two people per identifier it names nobody.
    people = [f"t/customer/{n}" for n in (1, 2, 3)]
    edges = [(person, "loyalty/B") for person in people]
    edges += [("t/customer/1", "loyalty/A"), ("t/customer/1", "phone/p"), ("t/customer/2", "phone/p")]
    days = dict.fromkeys([*people, "loyalty/A", "loyalty/B", "phone/p"], 0)
    assert groups(run(days, edges, IdentityRules(2, 200))) == of_brand_a(
        {"t/customer/1", "loyalty/A", "t/customer/2", "phone/p"}, {"t/customer/3"}
    )


def test_an_edge_to_a_node_that_does_not_exist_is_explained() -> None:
    resolution = run({"crm/contact/1": 0}, [("crm/contact/1", "crm/contact/gone")])
    assert groups(resolution) == of_brand_a({"crm/contact/1"})
    assert reasons(resolution) == {("crm/contact/1", "crm/contact/gone"): "unknown_node"}


def test_a_component_over_the_cap_stops_the_build_and_names_its_busiest_identifiers() -> None:
    # Four customers in a row: 1 -x- 2 -x- 3 (e-mail x of three) and 3 -y- 4 (phone y of two).
    people = [f"t/customer/{n}" for n in (1, 2, 3, 4)]
    edges = [(person, "email/x") for person in people[:3]] + [(person, "phone/y") for person in people[2:]]
    days = dict.fromkeys([*people, "email/x", "phone/y"], 0)
    assert groups(run(days, edges, IdentityRules(8, 4))) == of_brand_a(set(days))
    with pytest.raises(TouchlineError) as caught:
        run(days, edges, IdentityRules(8, 3))
    assert "4 accounts" in caught.value.what
    assert caught.value.where == "brand a; busiest identifiers: email/x (3 accounts), phone/y (2 accounts)"


def test_a_component_over_the_cap_by_merges_alone_says_so() -> None:
    days = {f"crm/contact/{n}": n for n in (1, 2)}
    with pytest.raises(TouchlineError, match="none, merges only"):
        run(days, [("crm/contact/1", "crm/contact/2")], IdentityRules(8, 1))


@pytest.mark.parametrize("kinds", [("person",), (None,), ("customer", "contact")])
def test_a_node_of_unclear_kind_is_an_error(kinds: tuple[str | None, ...]) -> None:
    nodes = pl.DataFrame([("a", "t/x/1", kind, START) for kind in kinds], schema=NODES, orient="row")
    with pytest.raises(TouchlineError) as caught:
        resolve_components(nodes, edge_frame([]))
    assert caught.value.where == "brand a, node t/x/1"


# --- A naive reference: sets, loops and a union-find, one definition at a time ---


class UnionFind:
    def __init__(self) -> None:
        self.parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(self, item: tuple[str, str]) -> tuple[str, str]:
        while (above := self.parent.get(item, item)) != item:
            item = above
        return item

    def join(self, pairs: Iterable[tuple[tuple[str, str], tuple[str, str]]]) -> "UnionFind":
        for left, right in pairs:
            self.parent[self.find(left)] = self.find(right)
        return self


def reference(nodes: list[Node], edges: list[Edge], max_people: int) -> tuple[Groups, dict[Edge, str | None]]:
    known = {(brand, node) for brand, node, _ in nodes}
    verdict: dict[tuple[str, str], str] = {}

    def usable() -> list[tuple[tuple[str, str], tuple[str, str]]]:
        pairs = [((brand, left), (brand, right)) for brand, left, right in edges]
        return [(x, y) for x, y in pairs if {x, y} <= known and not {x, y} & verdict.keys()]

    def beside(item: tuple[str, str]) -> set[tuple[str, str]]:
        return {y if x == item else x for x, y in usable() if item in (x, y)}

    def of_kind(*kinds: str) -> set[tuple[str, str]]:
        return {item for item in known if kind_of(item[1]) in kinds} - verdict.keys()

    accounts = of_kind("customer", "contact")
    shared = {i for i in of_kind("loyalty", "email", "phone") if len(beside(i) & accounts) > max_people}
    verdict.update(dict.fromkeys(shared, "shared_identifier"))
    weak, cards = of_kind("email", "phone"), of_kind("loyalty")
    strong = UnionFind().join((x, y) for x, y in usable() if not {x, y} & weak)
    carrying = {strong.find(card) for card in cards}
    direct = {i for i in weak if len({strong.find(n) for n in beside(i)} & carrying) > 1}
    verdict.update(dict.fromkeys(direct, "conflicting_loyalty_ids"))
    whole = UnionFind().join(usable())
    mixed = {
        whole.find(x)
        for x, y in combinations(cards, 2)
        if whole.find(x) == whole.find(y) and strong.find(x) != strong.find(y)
    }
    bridging = {i for i in weak - direct if len({strong.find(n) for n in beside(i)}) > 1}
    chained = {i for i in bridging if whole.find(i) in mixed}
    verdict.update(dict.fromkeys(chained, "conflicting_loyalty_ids"))

    final, members = UnionFind().join(usable()), defaultdict(set)
    for item in known - verdict.keys():
        members[final.find(item)].add(item)

    def reason(edge: Edge) -> str | None:
        ends = {(edge[0], edge[1]), (edge[0], edge[2])}
        if not ends <= known:
            return "unknown_node"
        return max((verdict[end] for end in ends & verdict.keys()), default=None)  # "shared…" > "conflicting…"

    return {frozenset(group) for group in members.values()}, {edge: reason(edge) for edge in edges}


ACCOUNTS = [f"t/customer/{n}" for n in range(4)] + [f"crm/contact/{n}" for n in range(3)]
IDENTIFIERS = [f"{kind}/{n}" for kind in PREFIX_KINDS for n in range(3)]
BRANDS = st.sampled_from("aaab")
NODE_ROWS = st.tuples(BRANDS, st.sampled_from(ACCOUNTS + IDENTIFIERS), st.none() | st.integers(0, 3))
LINKS = st.tuples(BRANDS, st.sampled_from(ACCOUNTS), st.sampled_from(IDENTIFIERS))
MERGES = st.tuples(BRANDS, st.sampled_from(ACCOUNTS[4:]), st.sampled_from(ACCOUNTS[4:]))
SIGHTINGS = st.tuples(BRANDS, st.sampled_from(IDENTIFIERS), st.sampled_from(IDENTIFIERS))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    edges = draw(st.lists(LINKS | LINKS | MERGES | SIGHTINGS, min_size=4, max_size=40))
    ends = [(brand, node) for brand, *pair in edges for node in pair]
    seen = draw(st.lists(st.none() | st.integers(0, 3), min_size=len(ends), max_size=len(ends)))
    missing = draw(st.sets(st.sampled_from(ends), max_size=2)) if ends else set()
    nodes = [(*end, day) for end, day in zip(ends, seen, strict=True) if end not in missing]
    return nodes + draw(st.lists(NODE_ROWS, max_size=5)), edges


@settings(deadline=None, max_examples=250)
@given(graphs(), st.integers(1, 4))
def test_equals_the_naive_reference(graph: tuple[list[Node], list[Edge]], max_people: int) -> None:
    nodes, edges = graph
    resolution = resolve_components(node_frame(nodes), edge_frame(edges), IdentityRules(max_people, 200))
    members, verdicts = reference(nodes, edges, max_people)
    assert groups(resolution) == members
    rows = resolution.links.select("brand", "left_node", "right_node", "reason").rows()
    assert {row[:3]: row[3] for row in rows} == verdicts
    assert resolution.links["is_used"].to_list() == [row[3] is None for row in rows]
    assert resolution.members["component_size"].sum() == sum(len(group) ** 2 for group in members)


@settings(deadline=None, max_examples=100)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(graph: tuple[list[Node], list[Edge]], random: Random) -> None:
    nodes, edges = graph
    first = resolve_components(node_frame(nodes), edge_frame(edges), IdentityRules(2, 200))
    random.shuffle(nodes)
    random.shuffle(edges)
    second = resolve_components(node_frame(nodes), edge_frame(edges), IdentityRules(2, 200))
    assert first.members.equals(second.members)
    assert first.links.equals(second.links)


# --- Through a real Postgres ---

DDL = """
create schema intermediate;
create schema identity;
create table intermediate.int_identity_nodes
    (brand text, node text, node_kind text, source text, first_seen_at timestamptz);
create table intermediate.int_identity_edges
    (brand text, left_node text, right_node text, link_type text, source text, row_count bigint,
     first_seen_at timestamptz);
create table identity.members
    (build_id bigint, brand text, node text, customer_id text, component_size int);
create table identity.links
    (build_id bigint, brand text, left_node text, right_node text, link_type text, row_count bigint,
     first_seen_at timestamptz, is_used boolean, reason text);
create table identity.token_origins (origin uuid, token uuid, first_seen_at timestamptz);
"""


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(DDL))
    yield engine
    engine.dispose()


def store(engine: Engine, nodes: list[Node], edges: list[Edge]) -> None:
    with engine.begin() as connection:
        connection.execute(text("truncate intermediate.int_identity_nodes, intermediate.int_identity_edges"))
        for brand, node, day in nodes:
            connection.execute(
                text("insert into intermediate.int_identity_nodes values (:b, :n, :k, 's', :t)"),
                {"b": brand, "n": node, "k": kind_of(node), "t": instant(day)},
            )
        for brand, left, right in edges:
            connection.execute(
                text("insert into intermediate.int_identity_edges values (:b, :l, :r, :y, 's', 2, :t)"),
                {"b": brand, "l": left, "r": right, "y": link_type(left, right), "t": START},
            )


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


ODD = 't/customer/"quoted", with\ncomma, line break, \\ and Zoë'


def test_resolve_writes_members_and_links_of_its_build_only(engine: Engine) -> None:
    nodes: list[Node] = [("a", ODD, 3), ("a", "email/e", None), ("a", "t/customer/2", 1), ("b", "email/e", 0)]
    store(engine, nodes, [("a", ODD, "email/e"), ("a", "email/e", "t/customer/2"), ("a", ODD, "phone/gone")])
    expected = IdentitySummary(2, 4, 4, 2, {"unknown_node": 1})
    assert resolve(engine, 1) == expected
    one = query(engine, 'select * from identity.members order by brand, node collate "C"')
    name_a, name_b = expected_id("a", "t/customer/2"), expected_id("b", "email/e")
    assert one == [
        (1, "a", "email/e", name_a, 3),
        (1, "a", ODD, name_a, 3),
        (1, "a", "t/customer/2", name_a, 3),
        (1, "b", "email/e", name_b, 1),
    ]
    assert query(engine, 'select * from identity.links order by left_node collate "C", right_node') == [
        (1, "a", "email/e", "t/customer/2", "email", 2, START, True, None),
        (1, "a", ODD, "email/e", "email", 2, START, True, None),
        (1, "a", ODD, "phone/gone", "phone", 2, START, False, "unknown_node"),
    ]
    assert resolve(engine, 1) == expected
    assert query(engine, 'select * from identity.members order by brand, node collate "C"') == one
    resolve(engine, 2)
    counts = query(engine, "select build_id, count(*) from identity.members group by 1 order by 1")
    assert counts == [(1, 4), (2, 4)]


def test_resolve_keeps_microseconds_in_any_session_time_zone(engine: Engine) -> None:
    seen = "2024-10-27 02:30:00.123457+02"
    with engine.begin() as connection:
        connection.execute(text("alter role current_user set timezone = 'Europe/Berlin'"))
        connection.execute(text("alter role current_user set datestyle = 'German'"))
        for n in (1, 2):
            connection.execute(
                text("insert into intermediate.int_identity_nodes values ('a', :n, 'contact', 's', now())"),
                {"n": f"crm/contact/{n}"},
            )
        connection.execute(
            text(
                "insert into intermediate.int_identity_edges values"
                f" ('a', 'crm/contact/1', 'crm/contact/2', 'crm_merge', 's', 1, '{seen}')"
            )
        )
    engine.dispose()
    try:
        resolve(engine, 1)
        assert query(engine, f"select count(*) from identity.links where first_seen_at = '{seen}'") == [(1,)]
    finally:
        with engine.begin() as connection:
            connection.execute(text("alter role current_user reset all"))


def test_a_refused_build_leaves_what_was_there(engine: Engine) -> None:
    store(engine, [("a", "t/customer/1", 0), ("a", "t/customer/2", 0)], [("a", "t/customer/1", "t/customer/2")])
    resolve(engine, 1)
    with pytest.raises(TouchlineError, match="2 accounts into one customer"):
        resolve(engine, 1, IdentityRules(max_component_accounts=1))
    assert query(engine, "select count(*) from identity.members where build_id = 1") == [(2,)]


def test_moved_tokens_leave_customer_ids_and_ties_as_they_were(engine: Engine) -> None:
    """Two phones seen at the same instant: the smaller first token names the customer, whatever they are today."""
    small, great, alone = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "159")
    today = {small: great.replace("5", "7"), great: small.replace("1", "2"), alone: alone.replace("9", "0")}

    def people(names: dict[str, str]) -> tuple[list[Node], list[Edge]]:
        one, two, three = (f"phone/{names[token]}" for token in (small, great, alone))
        return [("a", one, 0), ("a", two, 0), ("a", three, 0)], [("a", one, two)]

    store(engine, *people({token: token for token in today}))
    resolve(engine, 1)
    with engine.begin() as connection:
        for origin, token in today.items():
            row = {"origin": origin, "token": token}
            connection.execute(text("insert into identity.token_origins values (:origin, :token, now())"), row)
    store(engine, *people(today))
    resolve(engine, 2)
    found = dict(query(engine, "select node, customer_id from identity.members where build_id = 2"))
    assert found == {
        f"phone/{today[small]}": expected_id("a", f"phone/{small}"),
        f"phone/{today[great]}": expected_id("a", f"phone/{small}"),
        f"phone/{today[alone]}": expected_id("a", f"phone/{alone}"),
    }
    assert query(engine, "select left_node, right_node from identity.links where build_id = 2") == [
        (f"phone/{today[small]}", f"phone/{today[great]}")
    ]


def test_an_empty_warehouse_resolves_to_nobody(engine: Engine) -> None:
    assert resolve(engine, 1) == IdentitySummary(0, 0, 0, 0, {})
