"""Paths that a build kept by key can lose its way on, each the shortest of its kind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from support.journey import Journey
from support.tiny_warehouse import TinyWarehouse
from support.world import START

Row = dict[str, Any]
NOON = START + timedelta(hours=12)


def sale(number: str, person: int | None, at: datetime = NOON, **other: Any) -> Row:
    named = {"customer_ref": None if person is None else f"c{person}", "loyalty_id": None, "email": None}
    values = {"status": "completed", "total": Decimal("10.00"), "currency": "USD", "return_of_transaction_id": None}
    return {"transaction_id": number, "location_id": "L0", "channel": "store", "closed_at": at, **named, **values, **other}


def call(number: str, person: int | None, at: datetime = NOON, **other: Any) -> Row:
    return {
        "contact_id": number,
        "initial_contact_id": None,
        "channel": "voice",
        "direction": "inbound",
        "initiation_method": "inbound",
        "customer_endpoint": None,
        "customer_ref": None if person is None else f"v{person}",
        "initiated_at": at,
        "enqueued_at": at,
        "connected_to_agent_at": at + timedelta(seconds=5),
        "disconnected_at": at + timedelta(seconds=70),
        "queue_id": "Q1",
        "agent_id": "a1",
        "interaction_seconds": 40,
        "hold_seconds": None,
        "after_contact_work_seconds": None,
        "issue_type": "billing",
        "case_id": None,
        "is_resolved": None,
        "verified_contact_id": None if person is None else f"k{person}",
        **other,
    }


def case(number: str, contact: str | None, at: datetime = NOON, **other: Any) -> Row:
    opened = {"status": "open", "created_at": at, "first_response_at": None, "closed_at": None, "is_escalated": False}
    about = {"issue_type": "billing", "order_ref": None, "location_id": None, "severity": 1}
    return {"case_id": number, "contact_id": contact, "origin_channel": "email", "case_kind": "complaint", **about, **opened, **other}


def contact(number: str, **other: Any) -> Row:
    named = {"email": None, "phone": None, "loyalty_id": None, "master_contact_id": None}
    return {"contact_id": number, "created_at": NOON, "segment_code": None, "preferred_channel": None, **named, **other}


def merge(survivor: str, merged: str, until: datetime | None = None) -> Row:
    return {"surviving_id": survivor, "merged_id": merged, "merged_at": NOON, "unmerged_at": until}


@pytest.fixture
def journey(empty_warehouse: Callable[[str], TinyWarehouse]) -> Journey:
    """Ten days of two people: a sale, a case about it and a call each."""
    begun = Journey(empty_warehouse, START + timedelta(days=10))
    begun.deliver("till", "transactions", [(1, sale("s0", 0)), (1, sale("s1", 1))])
    begun.deliver("desk", "contacts", [(1, contact("k0")), (1, contact("k1"))])
    begun.deliver("desk", "cases", [(1, case("q0", "k0")), (1, case("q1", None, order_ref="s1"))])
    begun.deliver("line", "contacts", [(1, call("l0", 0)), (1, call("l1", 1, NOON + timedelta(days=1)))])
    begun.build()
    return begun


def test_a_sale_moves_to_another_customer_and_day_and_takes_its_case_along(journey: Journey) -> None:
    journey.deliver("till", "transactions", [(2, sale("s1", 0, NOON + timedelta(days=31)))])
    journey.build()
    journey.deliver("till", "transactions", [(3, sale("s1", None))])
    journey.build()
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


@pytest.mark.parametrize("fault", [{"stop_after": "resolve"}, {"without": "fct_cases"}, {"without": "int_first_contacts"}])
def test_what_a_failed_build_began_the_next_one_ends(journey: Journey, fault: Row) -> None:
    journey.deliver("desk", "cases", [(2, case("q0", "k1", NOON + timedelta(days=2), closed_at=NOON + timedelta(days=3)))])
    journey.build_and_fail(**fault)
    journey.deliver("line", "contacts", [(2, call("l0", 1))])
    journey.build()
    journey.check_full()


def test_time_goes_on_and_nothing_else_comes(journey: Journey) -> None:
    """A call that ends at noon on the first: at noon on the eighth its window is closed, its episode still open."""
    journey.deliver("line", "contacts", [(1, call("l2", 2, connected_to_agent_at=None, disconnected_at=NOON))])
    week = NOON + timedelta(days=7)
    for at in (week - timedelta(seconds=1), week, week + timedelta(seconds=1), week + timedelta(days=1), week + timedelta(days=40)):
        journey.house.withdraw(next(load for load in journey.loads[::-1] if load.export == "queue_tickets" and load.source == "till"))
        journey.advance("corner", at)
        journey.build(publish=at != week)
    journey.check_full()


def test_a_load_that_commits_in_mid_build_belongs_to_the_next(journey: Journey) -> None:
    journey.deliver("till", "transactions", [(2, sale("s0", 1))])
    journey.build(meanwhile=lambda: journey.deliver("till", "transactions", [(3, sale("s0", None)), (1, sale("s2", 0))]))
    journey.build()
    journey.check_full()


def test_a_value_goes_to_another_and_back_while_its_slot_is_away(journey: Journey) -> None:
    first, other = sale("s0", 0), sale("s0", 1, total=Decimal("20.00"))
    for version, row in enumerate((other, first, other, first, first), start=2):
        journey.deliver("till", "transactions", [(version, row)])
        journey.build()
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
