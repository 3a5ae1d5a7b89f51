"""What stands on calendar weeks is made anew when one closes, and by key when a late record reaches back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from support.journey import Beginning, Journey
from support.plain_records import NOON, Row, case, contact, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START

WEEKS = ("int_customer_weeks", "int_scored_weeks", "int_trouble_weeks", "int_recovery_weeks", "int_leaving_customers")
EFFECTS = ("int_retention_strata", "int_retention_effects", "int_recovery_effects", "int_loyalty_effects")
THURSDAY = START + timedelta(days=130)
"""9 July 2026: 90 days have passed after 9 April, a Thursday; the Sunday before is the 5th."""


def answer(number: str, at: datetime, score: int) -> Row:
    about: Row = {
        "service_channel": "store",
        "location_id": "L0",
        "touchpoint_ref_type": None,
        "touchpoint_ref_id": None,
    }
    scale: Row = {"scale_min": Decimal(1), "scale_max": Decimal(5), "higher_is_better": True}
    asked: Row = {"survey_type": "csat", "survey_version": "v1", "contact_id": "k0", "sent_at": at, "responded_at": at}
    return {"response_id": number, "score": Decimal(score), **asked, **about, **scale}


@pytest.fixture(scope="module")
def beginning(empty_warehouse: Callable[[str], TinyWarehouse], keep: Callable[[Journey], Beginning]) -> Beginning:
    """Two persons who bought in March; one complained, answered and came again in June."""
    begun = Journey(empty_warehouse, THURSDAY)
    days = {"s0": (0, 0), "s1": (1, 1), "s2": (0, 19), "s3": (0, 92)}
    sales = [(1, sale(number, person, NOON + timedelta(days=day))) for number, (person, day) in days.items()]
    begun.deliver("till", "transactions", sales)
    begun.deliver("desk", "contacts", [(1, contact("k0"))])
    begun.deliver("desk", "cases", [(1, case("q0", "k0", NOON + timedelta(days=16), order_ref="s0"))])
    begun.deliver("desk", "survey_responses", [(1, answer("r0", NOON + timedelta(days=4), 5))])
    begun.build()
    return keep(begun)


@pytest.fixture
def journey(beginning: Beginning) -> Journey:
    return beginning()


def made_in_full(journey: Journey) -> set[int]:
    """The builds that last made the tables of weeks and effects in full."""
    labels = journey.house.labels(("intermediate",))
    return {labels[f'intermediate."{name}"'][1] for name in (*WEEKS, *EFFECTS)}


def landmarks(journey: Journey) -> set[date]:
    return {row["landmark_date"] for row in journey.house.rows("intermediate.int_customer_weeks")}


def test_late_records_reach_back_and_a_closed_week_makes_all_anew(journey: Journey) -> None:
    [first] = made_in_full(journey)
    # Both were customers from 1 March on; the landmark of the last week is its eve, 29 March.
    assert landmarks(journey) == {date(2026, 3, 1) + timedelta(weeks=week) for week in range(5)}

    journey.advance("corner", THURSDAY + timedelta(days=2))
    journey.deliver("till", "transactions", [(1, sale("s4", 1, THURSDAY + timedelta(days=1)))])
    journey.build()
    journey.deliver("till", "transactions", [(1, sale("s5", 1, NOON + timedelta(days=11)))])
    journey.build()
    journey.deliver("desk", "survey_responses", [(1, answer("r1", NOON + timedelta(days=5), 2))])
    journey.deliver("desk", "cases", [(1, case("q1", "k0", NOON + timedelta(days=23), order_ref="s2"))])
    journey.build()
    assert made_in_full(journey) == {first}

    journey.advance("corner", THURSDAY + timedelta(days=4))
    monday = journey.build()
    assert made_in_full(journey) == {monday}
    assert max(landmarks(journey)) == date(2026, 4, 5)
    journey.check_full()
