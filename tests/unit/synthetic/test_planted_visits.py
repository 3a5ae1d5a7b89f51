"""Visits of executives: where, by whom, and what a first visit makes of a store, counted from the files alone."""

from datetime import datetime
from typing import Any

from support.plausible import is_plausible


def test_executives_visit_the_places_of_the_plan_again_and_again(world: Any) -> None:
    rows = world.rows("service_crm", "management_visits")
    executives = {row["employee_id"] for row in world.rows("store_pos", "employees") if row["is_executive"] == "true"}
    own = [row for row in rows if row["employee_id"] in executives]
    assert len(own) == len(rows) - 1
    assert {row["location_id"] or row["queue_id"] for row in own} == {"S06", "S07", "S08", "q_billing", "q_delivery"}
    first = min(row["started_at"] for row in own if row["location_id"] == "S06")
    # of 180 days to 30 June the day 43 counted from 0
    assert first.startswith("2026-02-13T12:00")
    truth = world.truth["management_visits"]
    assert sum(truth["visits"].values()) == len(own)
    assert sum(truth["seconds"].values()) == sum(_seconds(row) for row in own)


def test_a_first_visit_shows_for_four_weeks(world: Any) -> None:
    """Farewells of the three stores: half kept before and well after, 98 of 100 in between."""
    seen = [
        (row["observed_at"][:10], row["is_observed"] == "true")
        for row in world.rows("store_pos", "service_observations")
        if row["item_code"] == "farewell" and row["location_id"] in ("S06", "S07", "S08")
    ]
    for first, last, share in (
        ("2026-01-01", "2026-02-12", 0.5),
        ("2026-02-16", "2026-03-13", 0.98),
        ("2026-03-17", "2026-04-20", 0.5),
    ):
        kept = [is_kept for day, is_kept in seen if first <= day <= last]
        assert len(kept) > 150
        assert is_plausible(sum(kept), len(kept), share), first


def _seconds(row: dict[str, str]) -> float:
    return (datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])).total_seconds()
