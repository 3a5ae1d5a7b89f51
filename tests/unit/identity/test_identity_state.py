"""The stored state: written, kept, brought up to date in parts, and always equal to a full solution."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.identity_graphs import DAYS, PAIRS, START, Edge, Node, edge_frame, instant, node_frame
from support.identity_warehouse import Warehouse
from touchline.errors import TouchlineError
from touchline.identity import IdentityRules, IdentitySummary, increment, resolve, resolve_components, store

RULES = IdentityRules(max_people_per_identifier=2, stated_defaults=frozenset({("*", "email/0")}))
ODD = 't/customer/"quoted", with\ncomma, line break, \\ and Zoë'


@pytest.fixture
def always_in_part() -> Iterator[None]:
    """Small graphs are touched whole by any change, and their shared identifiers have few links to be left unread."""
    with patch.object(store, "MAX_TOUCHED_SHARE", 1_000_000), patch.object(increment, "LINKS_OF_A_PERSON", 1):
        yield


def test_the_first_build_writes_the_whole_state(identities: Warehouse) -> None:
    nodes: list[Node] = [("a", ODD, 3), ("a", "email/e", None), ("a", "t/customer/2", 1), ("b", "email/e", 0)]
    edges: list[Edge] = [
        ("a", ODD, "email/e", 3, None),
        ("a", "email/e", "t/customer/2", 1, 4),
        ("a", ODD, "phone/gone", 0, 0),
    ]
    identities.fill(nodes, edges)
    assert identities.build() == IdentitySummary(2, 4, 4, {}, "full", 2)
    assert identities.solved().equals(resolve_components(node_frame(nodes), edge_frame(edges)))
    links = (
        'select left_node, right_node, first_seen_at, is_standing from identity.links order by left_node collate "C"'
    )
    assert identities.rows(links) == [
        ("email/e", "t/customer/2", instant(1), False),
        (ODD, "email/e", instant(3), True),
        (ODD, "phone/gone", START, False),
    ]
    assert identities.rows("select count(*) from identity.changes") == [(0,)]


def test_the_same_build_again_changes_nothing(identities: Warehouse) -> None:
    identities.fill([("a", "t/customer/1", 0), ("a", "email/e", 0)], [("a", "t/customer/1", "email/e", 0, 0)])
    identities.build()
    again = resolve(identities.builder, 1)
    assert (again.method, again.touched_customers, again.customers) == ("incremental", 0, 1)
    assert identities.rows("select build_id, method, changed_nodes from identity.states order by state_id") == [
        (1, "full", 2),
        (1, "incremental", 0),
    ]


def test_an_empty_warehouse_resolves_to_nobody(identities: Warehouse) -> None:
    assert identities.build() == IdentitySummary(0, 0, 0, {}, "full", 0)
    identities.fill([("a", "t/customer/1", 0)], [])
    assert identities.build().customers == 1


def test_microseconds_survive_any_session_time_zone(identities: Warehouse) -> None:
    seen = "2024-10-27 02:30:00.123457+02"
    identities.fill([("a", "crm/contact/1", 1)], [])
    identities.run(f"update intermediate.int_identity_nodes set first_seen_at = '{seen}'")
    identities.run("alter role touchline_builder set timezone = 'Europe/Berlin'")
    try:
        identities.build()
        assert identities.rows(f"select count(*) from identity.nodes where first_seen_at = '{seen}'") == [(1,)]
    finally:
        identities.run("alter role touchline_builder reset all")


def test_a_refused_build_leaves_the_state_of_the_one_before(identities: Warehouse, always_in_part: None) -> None:
    people: list[Node] = [("a", "t/customer/1", 0), ("a", "t/customer/2", 0)]
    identities.fill(people, [])
    identities.build()
    before = identities.solved()
    identities.fill(people, [("a", "t/customer/1", "t/customer/2", 0, 0)])
    for full in (False, True):
        with pytest.raises(TouchlineError, match="2 accounts into one customer"):
            identities.build(IdentityRules(max_accounts_per_customer=1), full=full)
    assert identities.solved().equals(before)
    assert identities.rows("select max(build_id) from identity.states") == [(1,)]
    # What the refused builds had found is found again.
    assert identities.build().customers == 1


def test_other_rules_solve_everything_anew(identities: Warehouse) -> None:
    people: list[Node] = [(brand, "t/customer/1", 0) for brand in "abcdefghijkl"]
    identities.fill(people, [])
    assert [identities.build().method, identities.build().method] == ["full", "incremental"]
    assert identities.build(IdentityRules(9)).method == "full"


@pytest.mark.parametrize(("touched", "method"), [(2, "incremental"), (3, "full")])
def test_more_than_a_tenth_of_the_customers_touched_is_everything(
    identities: Warehouse, touched: int, method: str
) -> None:
    # 20 customers: two are a tenth, three are more.
    nodes: list[Node] = [(brand, "t/customer/1", 5) for brand in "abcdefghijklmnopqrst"]
    identities.fill(nodes, [])
    identities.build()
    identities.fill([(brand, node, 4) for brand, node, _ in nodes[:touched]] + nodes[touched:], [])
    summary = identities.build()
    assert (summary.method, summary.touched_customers) == (method, touched)


def test_many_new_people_beside_few_old_ones_are_everything(identities: Warehouse) -> None:
    identities.fill([("a", "t/customer/1", 0)], [])
    identities.build()
    identities.fill([("a", f"t/customer/{n}", 0) for n in range(5)], [])
    assert identities.build().method == "full"


def test_an_identifier_that_is_no_longer_shared_joins_its_people(identities: Warehouse, always_in_part: None) -> None:
    people: list[Node] = [("a", f"t/customer/{n}", n) for n in range(3)]
    edges: list[Edge] = [("a", node, "email/e", 0, 0) for _, node, _ in people]
    identities.fill([*people, ("a", "email/e", 0)], edges)
    assert identities.build(IdentityRules(2)).refused == {"shared_identifier": 1}
    identities.fill([*people, ("a", "email/e", 0)], edges[:2])
    summary = identities.build(IdentityRules(2))
    assert (summary.method, summary.customers, summary.refused) == ("incremental", 2, {})
    # The third one lost a link that had joined it to nobody.
    assert identities.rows("select node, old_customer_id is null, new_customer_id is null from identity.changes") == [
        ("email/e", True, False),
        ("t/customer/1", False, False),
    ]


def test_given_changes_are_taken_at_their_word(identities: Warehouse, always_in_part: None) -> None:
    """Only the named nodes are looked at: the change log decides, not a comparison."""
    identities.fill([("a", f"t/customer/{n}", 5) for n in range(3)], [])
    identities.build()
    identities.fill([("a", f"t/customer/{n}", 1) for n in range(3)], [])
    identities.run("insert into intermediate.changed_by_hand values ('a', 't/customer/1'), ('a', 't/customer/1')")
    identities.build(changed="intermediate.changed_by_hand")
    seen = identities.rows("select node, first_seen_at from identity.nodes order by node")
    assert seen == [(f"t/customer/{n}", instant(1 if n == 1 else 5)) for n in range(3)]


# --- Incremental equals full, over any history ---

Links = dict[tuple[str, str, str], tuple[int, int | None]]
OPERATIONS = st.sampled_from(["put", "put", "put", "remove", "rebuild"])
STEPS = st.lists(
    st.lists(
        st.tuples(OPERATIONS, st.sampled_from("aab"), PAIRS, DAYS, st.none() | st.integers(5, 6)),
        min_size=1,
        max_size=6,
    ),
    min_size=2,
    max_size=6,
)


def as_rows(links: Links) -> tuple[list[Node], list[Edge]]:
    """Nodes exist while a link names them, first seen at its first day."""
    edges: list[Edge] = [(*key, *days) for key, days in links.items()]
    nodes: list[Node] = [(brand, node, first) for brand, *pair, first, _ in edges for node in pair]
    return list({row[:2]: min(other for other in nodes if other[:2] == row[:2]) for row in nodes}.values()), edges


@pytest.fixture(scope="module")
def twins(make_identities: Callable[[], Warehouse]) -> tuple[Warehouse, Warehouse, Warehouse]:
    return make_identities(), make_identities(), make_identities()


def name_changed(made: Warehouse, before: tuple[list[Node], list[Edge]], after: tuple[list[Node], list[Edge]]) -> None:
    """What a change log would say: nodes of one side only, both ends of edges of one side only."""
    keys = {row[:2] for row in set(before[0]) ^ set(after[0])}
    for brand, left, right, *_ in set(before[1]) ^ set(after[1]):
        keys |= {(brand, left), (brand, right)}
    made.run("truncate intermediate.changed_by_hand")
    for brand, node in keys:
        made.run(f"insert into intermediate.changed_by_hand values ('{brand}', '{node}')")


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_incremental_equals_full_after_every_step(
    twins: tuple[Warehouse, Warehouse, Warehouse], always_in_part: None, steps: list[list[tuple]]
) -> None:
    """Adds, removals, corrections, merges and their undoing; compared, told by a log, and solved in full."""
    compared, told, whole = twins
    for made in twins:
        made.clear()
    links: Links = {}
    rows: tuple[list[Node], list[Edge]] = ([], [])
    for step in steps:
        for operation, brand, pair, first, last in step:
            if operation == "put":
                links[brand, *pair] = (first, last)
            elif operation == "remove":
                links.pop((brand, *pair), None)
        before, rows = rows, as_rows(links)
        for made in twins:
            made.fill(*rows)
        name_changed(told, before, rows)
        expected = resolve_components(node_frame(rows[0]), edge_frame(rows[1]), RULES)
        summary = compared.build(RULES)
        assert compared.solved().equals(expected)
        assert told.build(RULES, changed="intermediate.changed_by_hand").customers == summary.customers
        assert told.solved().equals(expected)
        whole.build(RULES, full=True)
        named = expected["customer_id"].drop_nulls()
        assert (summary.customers, summary.nodes, summary.members) == (named.n_unique(), expected.height, named.len())
    periods = (
        "select brand, old_customer_id, customer_id, from_build - (select min(build_id) from identity.states), valid_to"
        " is null from identity.redirects order by 1, 2, 4, 5, 3"
    )
    logged = (
        "select brand, node, old_customer_id, new_customer_id, old_reason, new_reason from identity.changes"
        " order by build_id, 1, 2"
    )
    for sql in (periods, logged):
        assert compared.rows(sql) == told.rows(sql) == whole.rows(sql)
    check_redirects(compared)


def check_redirects(made: Warehouse) -> None:
    """A redirect leads from an id that is not given to one that is, or nowhere."""
    given_now = "(select customer_id from identity.members)"
    assert made.rows(
        "select count(*) from identity.redirects where valid_to is null and (old_customer_id in"
        f" {given_now} or customer_id not in {given_now})"
    ) == [(0,)]
    # Whoever had an id once has it still, or a redirect.
    assert made.rows(
        "select count(*) from identity.changes where old_customer_id is not null and old_customer_id not in"
        f" {given_now} and old_customer_id not in"
        " (select old_customer_id from identity.redirects where valid_to is null)"
    ) == [(0,)]


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("aab"), PAIRS, DAYS), min_size=1, max_size=20, unique_by=lambda row: row[:2]
    ),
    data=st.data(),
)
def test_neither_order_nor_splitting_of_deliveries_changes_who_is_who(
    twins: tuple[Warehouse, Warehouse, Warehouse], always_in_part: None, rows: list[tuple], data: st.DataObject
) -> None:
    states: list[pl.DataFrame] = []
    for made in twins[:2]:
        made.clear()
        shuffled = data.draw(st.permutations(rows))
        cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=3)) | {len(rows)})
        for cut in cuts:
            links: Links = {(brand, *pair): (first, None) for brand, pair, first in shuffled[:cut]}
            made.fill(*as_rows(links))
            made.build(RULES)
        states.append(made.solved())
    assert states[0].equals(states[1])
