"""Paths that a build kept by key can lose its way on, each the shortest of its kind."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from support.journey import Beginning, Journey
from support.plain_records import NOON, Row, call, case, contact, merge, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START
from touchline.errors import TouchlineError
from touchline.identity import changes


@pytest.fixture(scope="module")
def beginning(empty_warehouse: Callable[[str], TinyWarehouse], keep: Callable[[Journey], Beginning]) -> Beginning:
    """Ten days of two people: a sale, a case about it and a call each."""
    begun = Journey(empty_warehouse, START + timedelta(days=10))
    begun.deliver("till", "transactions", [(1, sale("s0", 0)), (1, sale("s1", 1))])
    begun.deliver("desk", "contacts", [(1, contact("k0")), (1, contact("k1"))])
    begun.deliver("desk", "cases", [(1, case("q0", "k0")), (1, case("q1", None, order_ref="s1"))])
    begun.deliver("line", "contacts", [(1, call("l0", 0)), (1, call("l1", 1, NOON + timedelta(days=1)))])
    begun.build()
    return keep(begun)


@pytest.fixture
def journey(beginning: Beginning) -> Journey:
    return beginning()


def test_a_sale_moves_to_another_customer_and_day_and_takes_its_case_along(journey: Journey) -> None:
    journey.deliver("till", "transactions", [(2, sale("s1", 0, NOON + timedelta(days=31)))])
    journey.build()
    journey.deliver("till", "transactions", [(3, sale("s1", None))])
    journey.build()
    journey.check_full()


def test_a_segment_begins_and_ends_on_days_without_a_record(journey: Journey) -> None:
    def segments() -> set[str]:
        return {row["segment_code"] for row in journey.house.rows("marts.dim_customers") if row["segment_code"]}

    begins, ends = (START + timedelta(days=days) for days in (12, 14))
    days = {"valid_from": begins.date(), "valid_to": ends.date()}
    journey.deliver("desk", "segment_memberships", [(1, {"contact_id": "k0", "segment_code": "gold"} | days)])
    journey.build()
    assert segments() == set()
    for at, expected in ((begins, {"gold"}), (ends - timedelta(seconds=1), {"gold"}), (ends, set())):
        journey.advance("corner", at)
        journey.build()
        assert segments() == expected, at
    journey.check_full()


def test_a_merge_is_rolled_back_and_undone(journey: Journey) -> None:
    journey.deliver("desk", "contact_merges", [(1, merge("k0", "k1"))])
    journey.build()
    journey.roll_back()
    journey.deliver("desk", "contact_merges", [(2, merge("k0", "k1", NOON + timedelta(days=1)))])
    journey.build()
    journey.roll_back()
    journey.build()
    journey.check_full()


def test_the_change_log_alone_tells_the_solver_who_is_concerned(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts come, join, part and go; a build fails before and after they are solved; nothing is ever compared."""
    for name in ("_COMPARE_NODES", "_COMPARE_LINKS"):
        monkeypatch.setattr(changes, name, "select 1 / 0")
    journey.deliver("desk", "contact_merges", [(1, merge("k0", "k1", NOON + timedelta(days=20)))])
    journey.build()
    journey.deliver("till", "transactions", [(2, sale("s1", 2))])
    journey.build_and_fail(stop_after="stage")
    cases = journey.deliver("desk", "cases", [(2, case("q1", "k0", order_ref="s0"))])
    journey.build_and_fail(stop_after="resolve")
    journey.advance("corner", NOON + timedelta(days=30))
    journey.build()
    journey.delete(cases, 0)
    journey.deliver("line", "contacts", [(2, call("l1", None))])
    journey.build()
    methods = [row["method"] for row in journey.house.rows("identity.states order by state_id")]
    assert methods == ["full", *["incremental"] * 4]
    journey.check_full()


@pytest.mark.parametrize(
    "fault", [{"stop_after": "resolve"}, {"without": "fct_cases"}, {"without": "int_first_contacts"}]
)
def test_what_a_failed_build_began_the_next_one_ends(journey: Journey, fault: Row) -> None:
    journey.deliver(
        "desk", "cases", [(2, case("q0", "k1", NOON + timedelta(days=2), closed_at=NOON + timedelta(days=3)))]
    )
    journey.build_and_fail(**fault)
    journey.deliver("line", "contacts", [(2, call("l0", 1))])
    journey.build()
    journey.check_full()


def test_time_goes_on_and_nothing_else_comes(journey: Journey) -> None:
    """A call that ends at noon on the first: at noon on the eighth its window is closed, its episode still open."""
    journey.deliver("line", "contacts", [(1, call("l2", 2, connected_to_agent_at=None, disconnected_at=NOON))])
    week = NOON + timedelta(days=7)
    for at in (
        week - timedelta(seconds=1),
        week,
        week + timedelta(seconds=1),
        week + timedelta(days=1),
        week + timedelta(days=40),
    ):
        journey.house.withdraw(
            next(load for load in journey.loads[::-1] if load.export == "queue_tickets" and load.source == "till")
        )
        journey.advance("corner", at)
        journey.build(publish=at != week)
    journey.check_full()


def test_a_shift_goes_to_another_agent_and_a_state_reaches_less_far(journey: Journey) -> None:
    """Half hours lose and gain seconds, agents and whole rows; those that begin at as_of become complete later."""

    def seconds(column: str) -> dict[tuple[str, int], int]:
        rows = journey.house.rows("marts.rpt_agent_intervals")
        begun = {(row["agent_id"], (row["interval_start_at"] - NOON) // timedelta(minutes=30)): row for row in rows}
        return {place: row[column] for place, row in begun.items() if row[column]}

    def state(at: timedelta, minutes: int) -> Row:
        times = {"start_at": NOON + at, "end_at": NOON + at + timedelta(minutes=minutes)}
        return {"agent_id": "a1", "state": "talking", "is_productive": True} | times

    def agent(agent_id: str, employee_id: str | None) -> Row:
        return {"agent_id": agent_id, "employee_id": employee_id}

    last = timedelta(days=9, hours=12)  # as_of
    shift = {"shift_id": "h0", "employee_id": "b0", "location_id": "L0", "start_at": NOON}
    journey.deliver("line", "agents", [(1, agent("a1", "b0")), (1, agent("a2", None))])
    journey.deliver("till", "shifts", [(1, shift | {"end_at": NOON + timedelta(minutes=45)})])
    journey.deliver("line", "agent_states", [(1, state(timedelta(), 70)), (1, state(last, 10))])
    journey.build()
    assert seconds("handling_seconds") == {("a1", 0): 1800, ("a1", 1): 1800, ("a1", 2): 600, ("a1", 456): 600}
    assert seconds("rostered_seconds") == {("a1", 0): 1800, ("a1", 1): 900}
    assert ("a1", 456) not in seconds("is_complete")
    journey.deliver("line", "agents", [(2, agent("a1", None)), (2, agent("a2", "b0"))])
    journey.deliver("line", "agent_states", [(2, state(timedelta(), 40))])
    journey.advance("corner", NOON + last + timedelta(minutes=30))
    journey.build()
    assert seconds("handling_seconds") == {("a1", 0): 1800, ("a1", 1): 600, ("a1", 456): 600}
    assert seconds("rostered_seconds") == {("a2", 0): 1800, ("a2", 1): 900}
    assert ("a1", 456) in seconds("is_complete")
    journey.check_full()


def test_a_load_that_commits_in_mid_build_belongs_to_the_next(journey: Journey) -> None:
    journey.deliver("till", "transactions", [(2, sale("s0", 1))])
    journey.build(
        meanwhile=lambda: journey.deliver("till", "transactions", [(3, sale("s0", None)), (1, sale("s2", 0))])
    )
    journey.build()
    journey.check_full()


def test_a_value_goes_to_another_and_back_while_its_slot_is_away(journey: Journey) -> None:
    first, other = sale("s0", 0), sale("s0", 1, total=Decimal("20.00"))
    for version, row in enumerate((other, first, other, first, first), start=2):
        journey.deliver("till", "transactions", [(version, row)])
        journey.build()
    # When the sixth build ended, the oldest slot held the fourth, and 5 was published.
    assert {row["build_id"] for row in journey.house.rows("changes.changed_keys")} == {5, 6}
    journey.roll_back()
    journey.check_live()
    journey.build()
    journey.check_full()


def test_a_window_of_a_call_whose_clocks_disagree_closes(journey: Journey) -> None:
    """It ends a minute before it begins, so its week ends a week after its beginning."""
    at = START + timedelta(days=4)
    journey.deliver("line", "contacts", [(1, call("l2", 2, at, disconnected_at=at - timedelta(minutes=1)))])
    week = at + timedelta(days=7)
    for moment in (week - timedelta(seconds=30), week + timedelta(seconds=30)):
        journey.advance("corner", moment)
        journey.build()
    journey.check_full()


def test_a_talk_whose_length_nobody_recorded_is_not_counted_as_handled_in_no_time(journey: Journey) -> None:
    journey.deliver("line", "contacts", [(1, call("l2", 2, interaction_seconds=None, disconnected_at=None))])
    journey.build()


def test_data_tests_accept_an_increment_and_stop_a_build_that_breaks_one(journey: Journey) -> None:
    house = journey.house
    house.dbt.has_tests = True
    try:
        journey.deliver("till", "transactions", [(2, sale("s1", 0))])
        journey.build()
        house.execute("insert into staging.stg_crm__cases select * from staging.stg_crm__cases limit 1")
        with pytest.raises(TouchlineError, match="assert_staging_matches_frozen_loads"):
            house.build()
        journey.check_live()
        journey.build(full_refresh=True)
    finally:
        house.dbt.has_tests = False
    journey.check_full()


def test_a_promise_comes_due_and_what_it_is_about_comes_later(journey: Journey) -> None:
    """Its call comes later, then turns out a leg of another; it is due at noon on the twelfth and kept a day later."""
    due = NOON + timedelta(days=11)
    promised = {"promise_id": "w0", "contact_id": None, "ref_type": "call", "ref_id": "l3", "promise_type": "answer"}
    told = {"made_at": NOON, "due_at": due, "made_by": "employee", "owner_employee_id": None}
    journey.deliver("desk", "promises", [(1, promised | told | {"fulfilled_at": due + timedelta(days=1)})])
    notice = {"contact_id": "l3", "kind": "estimated_wait", "quoted_seconds": 60, "is_accepted": None}
    journey.deliver("line", "wait_notices", [(1, notice | {"notified_at": NOON + timedelta(seconds=2)})])
    journey.build()
    journey.deliver("line", "contacts", [(1, call("l3", 2))])
    journey.build()
    journey.deliver("line", "contacts", [(2, call("l3", None, initial_contact_id="l0"))])
    for at in (due, due + timedelta(days=1)):
        journey.advance("corner", at)
        journey.build()
    journey.check_full()


def test_costs_and_prices_come_late_and_buyers_come_again(journey: Journey) -> None:
    """Goods are costed and priced after they were sold, and costed otherwise later; windows of coming again close."""
    line = {"line_no": 1, "product_id": "tea", "unit_price": None, "net_amount": Decimal(10), "return_reason": None}
    two, one = ({"transaction_id": sale, "quantity": Decimal(n)} | line for sale, n in (("s0", 2), ("s1", 1)))
    journey.deliver("till", "transaction_lines", [(1, two), (1, one)])
    journey.build()

    def costs() -> set[tuple[object, ...]]:
        rows = journey.house.rows("marts.rpt_service_pnl")
        return {(row["net_sales"], row["cost_of_goods"]) for row in rows if row["segment_code"] == "all"}

    assert (Decimal(20), None) in costs()
    tea = {"product_id": "tea", "sku": "t", "category": "food", "unit_cost": Decimal(3), "currency": "USD"}
    journey.deliver("till", "products", [(1, tea)])
    price = {"product_id": "tea", "channel": "store", "location_id": "*", "valid_from": START.date(), "currency": "USD"}
    journey.deliver("till", "prices", [(1, price | {"price": Decimal("6.00")})])
    journey.build()
    assert (Decimal(20), Decimal(9)) in costs()
    journey.deliver("till", "transactions", [(1, sale("s2", 0, NOON + timedelta(days=40)))])
    journey.advance("corner", START + timedelta(days=140))
    journey.build()
    assert {row["came_again"] for row in journey.house.rows("intermediate.int_location_buyers")} == {True, False}
    journey.deliver("till", "products", [(2, tea | {"unit_cost": Decimal(4)})])
    journey.build()
    assert (Decimal(20), Decimal(12)) in costs()
    journey.check_full()
