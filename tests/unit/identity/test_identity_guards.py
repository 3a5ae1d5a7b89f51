"""Identity resolution as a pure function: hand-made graphs, a naive reference, and the order of rows."""

import hashlib
from collections.abc import Iterable, Mapping
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.identity_graphs import START, Edge, Groups, Node, Reference, edge_frame, graphs, groups, node_frame
from touchline.errors import TouchlineError
from touchline.identity import NODES, ComponentTooLargeError, IdentityRules, resolve_components

Link = tuple[str, str] | tuple[str, str, int, int | None]


def run(
    days: Mapping[str, int | None] | Iterable[str], links: Iterable[Link], rules: IdentityRules | None = None
) -> pl.DataFrame:
    """Resolve a graph of one brand, `a`; a link without days stands since day 0."""
    seen = days.items() if isinstance(days, Mapping) else ((node, 0) for node in days)
    edges: list[Edge] = [("a", *(link if len(link) == 4 else (*link, 0, None))) for link in links]
    return resolve_components(node_frame(("a", node, day) for node, day in seen), edge_frame(edges), rules)


def of_brand_a(*members: set[str]) -> Groups:
    return {frozenset(("a", node) for node in group) for group in members}


def reasons(solved: pl.DataFrame) -> dict[str, str]:
    return dict(solved.filter(pl.col("reason").is_not_null()).select("node", "reason").iter_rows())


def customer_of(solved: pl.DataFrame) -> dict[str, str]:
    return dict(solved.filter(pl.col("customer_id").is_not_null()).select("node", "customer_id").iter_rows())


def expected_id(brand: str, node: str) -> str:
    return "c" + hashlib.sha256(brand.encode() + b"\x1f" + node.encode()).hexdigest()[:20]


# --- Components and names ---


def test_one_person_over_three_sources_is_one_customer() -> None:
    days = {"till/customer/1": 5, "crm/contact/9": 3, "line/customer/7": 9, "email/e": 0, "loyalty/L": 1}
    solved = run(
        days,
        [
            ("till/customer/1", "loyalty/L"),
            ("crm/contact/9", "loyalty/L"),
            ("crm/contact/9", "email/e"),
            ("line/customer/7", "email/e"),
        ],
    )
    assert groups(solved) == of_brand_a(set(days))
    # The identifiers were seen earlier, but an account names the customer: the contact of day 3.
    assert set(customer_of(solved).values()) == {expected_id("a", "crm/contact/9")}
    assert solved.filter("is_anchor")["node"].to_list() == ["crm/contact/9"]
    assert solved["component_size"].to_list() == [5] * 5
    assert solved["island"].n_unique() == 1


def test_customer_id_is_a_fixed_function_of_brand_and_earliest_account() -> None:
    # printf 'default\x1fstore_pos/customer/1' | sha256sum | cut -c1-20
    nodes = node_frame([("default", "store_pos/customer/1", 0)])
    assert resolve_components(nodes, edge_frame([]))["customer_id"].to_list() == ["c7959a2807942d8cd06dc"]


def test_nodes_without_edges_are_customers_of_their_own() -> None:
    solved = run({"till/customer/1": 0, "email/e": 0, "phone/p": None}, [])
    assert groups(solved) == of_brand_a({"till/customer/1"}, {"email/e"}, {"phone/p"})
    assert customer_of(solved)["email/e"] == expected_id("a", "email/e")
    assert solved["island"].n_unique() == 3


def test_nothing_in_nothing_out() -> None:
    assert run({}, []).height == 0


def test_ties_in_time_fall_to_the_smaller_node_in_bytes() -> None:
    # U+FF01 (EF BC 81) < U+1F600 (F0 9F 98 80) in UTF-8, though not in UTF-16; upper case before lower.
    late, early = "till/customer/\U0001f600", "till/customer/\uff01"
    assert set(customer_of(run({late: 4, early: 4}, [(late, early)])).values()) == {expected_id("a", early)}
    lower, upper = "till/customer/a", "till/customer/B"
    assert set(customer_of(run({lower: 4, upper: 4}, [(lower, upper)])).values()) == {expected_id("a", upper)}


def test_an_account_never_seen_at_a_known_time_names_the_customer_last() -> None:
    solved = run({"till/customer/1": None, "till/customer/2": 8}, [("till/customer/1", "till/customer/2")])
    assert set(customer_of(solved).values()) == {expected_id("a", "till/customer/2")}


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
    solved = resolve_components(nodes, edge_frame([("a", "t/customer/1", "t/customer/2", 0, 0)]))
    assert solved.height == 2
    assert set(customer_of(solved).values()) == {expected_id("a", "t/customer/1")}


def test_brands_never_mix() -> None:
    nodes = node_frame((brand, node, 0) for brand in ("a", "b") for node in ("t/customer/1", "email/e"))
    solved = resolve_components(nodes, edge_frame([("a", "t/customer/1", "email/e", 0, 0)]))
    assert groups(solved) == {
        frozenset({("a", "t/customer/1"), ("a", "email/e")}),
        frozenset({("b", "t/customer/1")}),
        frozenset({("b", "email/e")}),
    }
    assert solved["customer_id"].n_unique() == 3


def test_crm_merges_join_contacts_transitively() -> None:
    days = {f"crm/contact/{n}": n for n in (1, 2, 3, 4)}
    solved = run(days, [("crm/contact/1", "crm/contact/2"), ("crm/contact/3", "crm/contact/2")])
    assert groups(solved) == of_brand_a({"crm/contact/1", "crm/contact/2", "crm/contact/3"}, {"crm/contact/4"})


def test_an_edge_to_a_node_that_does_not_exist_links_nothing() -> None:
    assert groups(run(["crm/contact/1"], [("crm/contact/1", "crm/contact/gone")])) == of_brand_a({"crm/contact/1"})


@pytest.mark.parametrize("kinds", [("person",), (None,), ("customer", "contact")])
def test_a_node_of_unclear_kind_is_an_error(kinds: tuple[str | None, ...]) -> None:
    nodes = pl.DataFrame([("a", "t/x/1", kind, START) for kind in kinds], schema=NODES, orient="row")
    with pytest.raises(TouchlineError) as caught:
        resolve_components(nodes, edge_frame([]))
    assert caught.value.where == "brand a, node t/x/1"


# --- Shared identifiers and stated defaults ---


@pytest.mark.parametrize("identifier", ["loyalty/0", "email/0", "phone/0"])
@pytest.mark.parametrize(("accounts", "is_shared"), [(8, False), (9, True)])
def test_an_identifier_of_more_than_eight_accounts_links_nobody(
    identifier: str, accounts: int, is_shared: bool
) -> None:
    # Each account of a source of its own: a phone would not join those of one source in any case.
    people = [f"t{n}/customer/1" for n in range(accounts)]
    solved = run([identifier, *people], [(person, identifier) for person in people])
    if is_shared:
        assert groups(solved) == of_brand_a(*({person} for person in people))
        assert reasons(solved) == {identifier: "shared_identifier"}
        assert solved.filter(pl.col("node") == identifier)["island"].to_list() == [None]
    else:
        assert groups(solved) == of_brand_a({identifier, *people})


def test_a_default_phone_is_recognised_by_loyalty_ids_and_mails_alone() -> None:
    # Sales without an account: the strongest identifier stands for the person.
    people = ["loyalty/1", "loyalty/2", "email/3"]
    solved = run([*people, "phone/p"], [(person, "phone/p") for person in people], IdentityRules(2))
    assert reasons(solved) == {"phone/p": "shared_identifier"}


def test_repeated_links_to_one_account_do_not_make_an_identifier_shared() -> None:
    links = [("t/customer/1", "email/e"), ("email/e", "t/customer/1"), ("t/customer/2", "email/e")]
    solved = run(["t/customer/1", "t/customer/2", "email/e"], links, IdentityRules(2))
    assert reasons(solved) == {}


@pytest.mark.parametrize(("brand", "reason"), [("*", "stated_default"), ("a", "stated_default"), ("b", None)])
def test_a_stated_default_links_nobody_in_its_brand(brand: str, reason: str | None) -> None:
    rules = IdentityRules(stated_defaults=frozenset({(brand, "email/e"), (brand, "email/unseen")}))
    solved = run(["t/customer/1", "email/e"], [("t/customer/1", "email/e")], rules)
    assert reasons(solved).get("email/e") == reason


# --- Conflicts ---


def test_a_phone_between_two_loyalty_ids_joins_neither() -> None:
    nodes = ["t/customer/1", "u/customer/2", "v/customer/3", "loyalty/A", "loyalty/B", "phone/p"]
    cards = [("t/customer/1", "loyalty/A"), ("u/customer/2", "loyalty/B")]
    solved = run(nodes, [*cards, *((node, "phone/p") for node in nodes[:3])])
    assert groups(solved) == of_brand_a({"t/customer/1", "loyalty/A"}, {"u/customer/2", "loyalty/B"}, {"v/customer/3"})
    assert reasons(solved) == {"phone/p": "conflicting_loyalty_ids"}
    # Refused, it still belongs to the island that had to be judged together.
    assert solved["island"].n_unique() == 1


def test_two_loyalty_ids_merged_by_the_crm_are_one_person_to_a_phone() -> None:
    nodes = ["crm/contact/1", "crm/contact/2", "loyalty/A", "loyalty/B", "phone/p"]
    links = [
        ("crm/contact/1", "loyalty/A"),
        ("crm/contact/2", "loyalty/B"),
        ("crm/contact/1", "crm/contact/2"),
        ("crm/contact/1", "phone/p"),
        ("crm/contact/2", "phone/p"),
    ]
    assert groups(run(nodes, links)) == of_brand_a(set(nodes))


def test_a_chain_of_mails_does_not_join_two_loyalty_ids() -> None:
    # A - mail d - somebody without a card - mail e - B; the mail that only A uses bridges nothing and stays.
    nodes = [*(f"t/customer/{n}" for n in (1, 2, 3)), "loyalty/A", "loyalty/B", "email/d", "email/e", "email/own"]
    firm = [("t/customer/1", "loyalty/A"), ("t/customer/2", "loyalty/B"), ("t/customer/1", "email/own")]
    bridges = [
        ("t/customer/1", "email/d"),
        ("t/customer/3", "email/d"),
        ("t/customer/3", "email/e"),
        ("t/customer/2", "email/e"),
    ]
    solved = run(nodes, firm + bridges)
    assert groups(solved) == of_brand_a(
        {"t/customer/1", "loyalty/A", "email/own"}, {"t/customer/2", "loyalty/B"}, {"t/customer/3"}
    )
    assert reasons(solved) == dict.fromkeys(("email/d", "email/e"), "conflicting_loyalty_ids")


def test_a_mail_is_better_evidence_than_a_phone() -> None:
    # A - phone - somebody without a card - mail - B: the mail stands, the phone would join two cards.
    nodes = [*(f"t{n}/customer/{n}" for n in (1, 2, 3)), "loyalty/A", "loyalty/B", "phone/p", "email/e"]
    links = [
        ("t1/customer/1", "loyalty/A"),
        ("t2/customer/2", "loyalty/B"),
        ("t1/customer/1", "phone/p"),
        ("t3/customer/3", "phone/p"),
        ("t3/customer/3", "email/e"),
        ("t2/customer/2", "email/e"),
    ]
    solved = run(nodes, links)
    assert groups(solved) == of_brand_a(
        {"t1/customer/1", "loyalty/A"}, {"t2/customer/2", "loyalty/B", "t3/customer/3", "email/e"}
    )
    assert reasons(solved) == {"phone/p": "conflicting_loyalty_ids"}


def test_a_shared_loyalty_id_makes_no_conflict() -> None:
    # Three customers show the store's own card B; with at most two people per identifier it names nobody.
    people = [f"t/customer/{n}" for n in (1, 2, 3)]
    links = [(person, "loyalty/B") for person in people]
    links += [("t/customer/1", "loyalty/A"), ("t/customer/1", "email/e"), ("t/customer/2", "email/e")]
    assert groups(run([*people, "loyalty/A", "loyalty/B", "email/e"], links, IdentityRules(2))) == of_brand_a(
        {"t/customer/1", "loyalty/A", "t/customer/2", "email/e"}, {"t/customer/3"}
    )


HOUSEHOLD = ["crm/contact/1", "crm/contact/2", "till/customer/1", "email/one", "phone/home"]
HOUSEHOLD_LINKS = [
    ("crm/contact/1", "email/one"),
    ("till/customer/1", "email/one"),
    ("till/customer/1", "phone/home"),
    ("crm/contact/2", "phone/home"),
]


def test_a_phone_does_not_join_two_contacts_of_one_crm() -> None:
    # The phone was shown at the till by contact 1, who is known there by mail; in the CRM only contact 2 holds it.
    solved = run(HOUSEHOLD, HOUSEHOLD_LINKS)
    assert groups(solved) == of_brand_a({"crm/contact/1", "till/customer/1", "email/one"}, {"crm/contact/2"})
    assert reasons(solved) == {"phone/home": "accounts_of_one_source"}
    lenient = run(HOUSEHOLD, HOUSEHOLD_LINKS, IdentityRules(phone_joins_accounts=True))
    assert groups(lenient) == of_brand_a(set(HOUSEHOLD))


def test_a_mail_joins_two_contacts_of_one_crm() -> None:
    links = [("crm/contact/1", "email/e"), ("crm/contact/2", "email/e")]
    assert len(groups(run(["crm/contact/1", "crm/contact/2", "email/e"], links))) == 1


# --- Recycled identifiers ---

# Ann (card A) used the address until day 10, Bob (card B) has used it from day 20 on; cards show at the till.
PEOPLE = ["t/customer/ann", "t/customer/bob", "loyalty/A", "loyalty/B", "email/e"]
CARDS: list[Link] = [("t/customer/ann", "loyalty/A"), ("t/customer/bob", "loyalty/B")]


def test_an_address_used_by_one_card_after_the_other_is_recycled() -> None:
    solved = run(PEOPLE, [*CARDS, ("t/customer/ann", "email/e", 0, 10), ("t/customer/bob", "email/e", 20, 30)])
    assert groups(solved) == of_brand_a({"t/customer/ann", "loyalty/A"}, {"t/customer/bob", "loyalty/B"})
    assert reasons(solved) == {"email/e": "recycled_identifier"}
    together = run(PEOPLE, [*CARDS, ("t/customer/ann", "email/e", 0, 20), ("t/customer/bob", "email/e", 20, 30)])
    assert reasons(together) == {"email/e": "conflicting_loyalty_ids"}


@pytest.mark.parametrize(("ends", "is_recycled"), [(10, True), (20, False), (None, False)])
def test_two_contacts_one_after_the_other_make_an_address_recycled(ends: int | None, is_recycled: bool) -> None:
    # Ann's contact is known by her new mail; contact Bob has stood with the old one since day 20.
    nodes = ["t/customer/ann", "crm/contact/ann", "crm/contact/bob", "email/new", "email/e", "t/customer/bob"]
    links: list[Link] = [
        ("t/customer/ann", "email/new"),
        ("crm/contact/ann", "email/new"),
        ("t/customer/ann", "email/e", 0, ends),
        ("crm/contact/bob", "email/e", 20, None),
        ("t/customer/bob", "email/e", 25, 30),
    ]
    solved = run(nodes, links)
    assert reasons(solved) == ({"email/e": "recycled_identifier"} if is_recycled else {})
    if is_recycled:
        ann = {"t/customer/ann", "crm/contact/ann", "email/new"}
        assert groups(solved) == of_brand_a(ann, {"crm/contact/bob"}, {"t/customer/bob"})


def test_one_person_who_registered_twice_is_not_recycled() -> None:
    # Two accounts of the till, one after the other, and nothing that says they are two persons.
    nodes = ["t/customer/1", "t/customer/2", "email/e", "crm/contact/1"]
    links: list[Link] = [
        ("t/customer/1", "email/e", 0, 5),
        ("t/customer/2", "email/e", 9, 12),
        ("crm/contact/1", "email/e"),
    ]
    assert groups(run(nodes, links)) == of_brand_a(set(nodes))


# --- The size cap ---


def test_a_component_over_the_cap_stops_the_build_and_says_what_to_look_at() -> None:
    # Four customers in a row: 1 -x- 2 -x- 3 (mail x of three) and 3 -y- 4 (mail y of two).
    people = [f"t/customer/{n}" for n in (1, 2, 3, 4)]
    links = [(person, "email/x") for person in people[:3]] + [(person, "email/y") for person in people[2:]]
    nodes = [*people, "email/x", "email/y"]
    assert groups(run(nodes, links, IdentityRules(8, 4))) == of_brand_a(set(nodes))
    with pytest.raises(ComponentTooLargeError) as caught:
        run(nodes, links, IdentityRules(8, 3))
    assert "4 accounts" in caught.value.what
    assert caught.value.where == (
        "brand a; made of 4 customer, 2 email; busiest identifiers: email/x (3 accounts), email/y (2 accounts)"
    )
    assert "shared_identifiers" in str(caught.value.todo)


def test_a_component_over_the_cap_by_merges_alone_says_so() -> None:
    nodes = ["crm/contact/1", "crm/contact/2"]
    with pytest.raises(ComponentTooLargeError, match="none, declared links only"):
        run(nodes, [("crm/contact/1", "crm/contact/2")], IdentityRules(8, 1))


# --- Against the reference ---


@settings(deadline=None, max_examples=150)
@given(graphs(), st.integers(1, 4), st.booleans(), st.sets(st.sampled_from(["email/0", "phone/1", "loyalty/2"])))
def test_equals_the_naive_reference(
    graph: tuple[list[Node], list[Edge]], max_people: int, phone_joins: bool, stated: set[str]
) -> None:
    nodes, edges = graph
    rules = IdentityRules(max_people, 200, phone_joins, frozenset(("*", node) for node in stated))
    solved = resolve_components(node_frame(nodes), edge_frame(edges), rules)
    reference = Reference(nodes, edges, rules)
    refused = solved.filter(pl.col("reason").is_not_null()).select("brand", "node", "reason")
    assert {(brand, node): reason for brand, node, reason in refused.iter_rows()} == reference.verdict
    assert groups(solved) == reference.groups()
    assert solved["component_size"].sum() == sum(len(group) ** 2 for group in reference.groups())


@settings(deadline=None, max_examples=100)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(graph: tuple[list[Node], list[Edge]], random: Random) -> None:
    nodes, edges = graph
    first = resolve_components(node_frame(nodes), edge_frame(edges), IdentityRules(2))
    random.shuffle(nodes)
    random.shuffle(edges)
    assert first.equals(resolve_components(node_frame(nodes), edge_frame(edges), IdentityRules(2)))


@settings(deadline=None, max_examples=100)
@given(graphs())
def test_each_island_can_be_solved_alone(graph: tuple[list[Node], list[Edge]]) -> None:
    """What incremental resolution rests on: beyond its island nothing changes a verdict or a name."""
    nodes, edges = graph
    rules = IdentityRules(2)
    solved = resolve_components(node_frame(nodes), edge_frame(edges), rules)
    for island in solved["island"].drop_nulls().unique():
        own = solved.filter(pl.col("island") == island)
        inside = set(own.select("brand", "node").iter_rows())
        alone = resolve_components(
            node_frame(row for row in nodes if row[:2] in inside),
            edge_frame(row for row in edges if {(row[0], row[1]), (row[0], row[2])} <= inside),
            rules,
        )
        assert alone.equals(own)
