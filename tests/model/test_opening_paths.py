"""Paths on which places turn out to have been open or closed: hours, holidays, zones and records that come late."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from support.journey import Beginning, Journey
from support.plain_records import NOON, Row, case, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START

PARTS = ("contacts", "hours_known", "in_hours", "on_holidays", "door_contacts", "door_hours_known", "door_out_of_hours")


@pytest.fixture(scope="module")
def beginning(empty_warehouse: Callable[[str], TinyWarehouse], keep: Callable[[Journey], Beginning]) -> Beginning:
    """On Sunday, 1 March 2026 at noon (UTC) somebody mails about a shop, and somebody buys there."""
    begun = Journey(empty_warehouse, START + timedelta(days=10))
    begun.deliver("till", "locations", [(1, shop("UTC"))])
    begun.deliver("till", "transactions", [(1, sale("s0", None))])
    begun.deliver("desk", "cases", [(1, case("q0", None, location_id="L0"))])
    begun.build()
    return keep(begun)


@pytest.fixture
def journey(beginning: Beginning) -> Journey:
    return beginning()


def shop(zone: str) -> Row:
    return {"location_id": "L0", "name": "shop", "timezone": zone}


def hours(opens: str, closes: str) -> Row:
    return {"location_id": "L0", "weekday": 7, "opens": opens, "closes": closes, "valid_from": date(2026, 1, 1)}


def parts(journey: Journey) -> dict[str, tuple[int, ...]]:
    rows = journey.house.rows("marts.rpt_location_coverage")
    of_shop = [row for row in rows if row["location_key"] == "till/L0" and row["period"] == "all"]
    return {row["hour_of_week"]: tuple(row[part] for part in PARTS) for row in of_shop}


def test_what_was_asked_follows_hours_holidays_and_zones(journey: Journey) -> None:
    assert parts(journey) == {"all": (1, 0, 0, 0, 1, 0, 0), "7-12": (1, 0, 0, 0, 1, 0, 0)}
    journey.deliver("till", "location_hours", [(1, hours("09:00", "18:00"))])
    journey.build()
    assert parts(journey)["7-12"] == (1, 1, 1, 0, 1, 1, 0)
    journey.deliver("till", "holidays", [(1, {"location_id": "L0", "holiday_date": date(2026, 3, 1)})])
    journey.build()
    assert parts(journey)["7-12"] == (1, 1, 0, 1, 1, 1, 1)
    # In Tokyo it was 21:00, three hours after closing, holiday or not.
    journey.deliver("till", "locations", [(2, shop("Asia/Tokyo"))])
    journey.build()
    assert parts(journey) == {"all": (1, 1, 0, 0, 1, 1, 1), "7-21": (1, 1, 0, 0, 1, 1, 1)}
    journey.deliver("till", "location_hours", [(1, hours("20:00", "02:00"))])
    journey.build()
    assert parts(journey)["7-21"] == (1, 1, 0, 1, 1, 1, 1)
    journey.check_full()


def test_a_record_moves_to_another_day_place_or_channel(journey: Journey) -> None:
    journey.deliver("till", "location_hours", [(1, hours("09:00", "18:00"))])
    journey.deliver("desk", "cases", [(2, case("q0", None, NOON + timedelta(days=7, hours=7), location_id="L0"))])
    journey.deliver("till", "transactions", [(2, sale("s0", None, channel="web"))])
    journey.build()
    assert parts(journey) == {"all": (1, 1, 0, 0, 0, 0, 0), "7-19": (1, 1, 0, 0, 0, 0, 0)}
    journey.deliver("desk", "cases", [(3, case("q0", None, location_id="L0", origin_channel="visit"))])
    journey.build()
    assert parts(journey) == {"all": (0, 0, 0, 0, 1, 1, 0), "7-12": (0, 0, 0, 0, 1, 1, 0)}
    journey.deliver("desk", "cases", [(4, case("q0", None, location_id="L1"))])
    # Of a sale after the instant through which the records are complete nothing is said until that instant comes.
    journey.deliver("till", "transactions", [(1, sale("s1", None, NOON + timedelta(days=14)))])
    journey.build()
    assert parts(journey) == {}
    journey.advance("corner", START + timedelta(days=15))
    journey.build()
    assert parts(journey) == {"all": (0, 0, 0, 0, 1, 1, 0), "7-12": (0, 0, 0, 0, 1, 1, 0)}
    journey.check_full()
