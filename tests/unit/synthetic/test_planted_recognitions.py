"""Recognitions: who is held up as an example, and whether peers take it up, counted from the files alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from support.plausible import is_plausible

ITEMS = {"NAME": "name_used", "FAREWELL": "farewell", "GREET": "greeting"}
Look = tuple[str, date, bool]
"""Who was watched, on which UTC day, and whether the item was kept."""


@pytest.fixture(scope="module")
def recognitions(world: Any) -> dict[str, tuple[str, date]]:
    """Standard and store → who is recognised, and when."""
    found = {}
    for row in world.rows("service_crm", "recognitions"):
        store = row["employee_id"].split("-")[1]
        found[f"{row['standard_code']} {store}"] = row["employee_id"], date.fromisoformat(row["recognised_at"][:10])
    return found


def looks(world: Any, place: str) -> list[Look]:
    standard, store = place.split()
    return [
        (row["employee_id"], date.fromisoformat(row["observed_at"][:10]), row["is_observed"] == "true")
        for row in world.rows("store_pos", "service_observations")
        if (row["item_code"], row["location_id"]) == (ITEMS[standard], store)
    ]


def sides(seen: list[Look], day: date) -> dict[str, list[Look]]:
    """Four weeks after a day, the four before it, for which somebody was chosen, and the four before these."""
    weeks = timedelta(days=28)
    return {
        "before": [look for look in seen if day - 2 * weeks <= look[1] < day - weeks],
        "chosen": [look for look in seen if day - weeks <= look[1] < day],
        "after": [look for look in seen if day < look[1] <= day + weeks],
    }


def test_recognitions_are_those_of_the_plan(recognitions: Any) -> None:
    # of 180 days to 30 June the days 150, 90 and 171 counted from 0
    days = {"NAME": date(2026, 5, 31), "FAREWELL": date(2026, 5, 31)}
    places = {f"NAME {store}" for store in ("S06", "S07", "S08")} | {"FAREWELL S04", "GREET S02", "GREET S05", " CC"}
    assert set(recognitions) == places
    for place, (_, day) in recognitions.items():
        late = date(2026, 6, 21) if place == "GREET S05" else date(2026, 4, 1)
        assert day == days.get(place.split()[0], late)


def test_who_did_best_in_the_four_weeks_before_is_recognised(world: Any, recognitions: Any) -> None:
    for place, (employee, day) in recognitions.items():
        if place == " CC":
            continue
        own: dict[str, list[bool]] = {}
        for who, _, is_kept in sides(looks(world, place), day)["chosen"]:
            own.setdefault(who, []).append(is_kept)
        shares = {who: sum(kept) / len(kept) for who, kept in own.items()}
        assert len(shares) == 5
        assert shares[employee] == max(shares.values())


def test_peers_take_names_up_and_nothing_else(world: Any, recognitions: Any) -> None:
    """Half of what they would have missed: .5 + .5 / 2 = .75. Whoever was the best by chance kept and keeps .5."""
    kept: dict[str, list[bool]] = {}
    for place in ("NAME S06", "NAME S07", "NAME S08", "FAREWELL S04"):
        employee, day = recognitions[place]
        for side, seen in sides(looks(world, place), day).items():
            for who, _, is_kept in seen:
                standing = "own" if who == employee else "peers"
                kept.setdefault(f"{place.split()[0]} {standing} {side}", []).append(is_kept)
    planted = {"NAME peers before": 0.5, "NAME peers after": 0.75, "NAME own before": 0.5, "NAME own after": 0.5}
    planted |= {"FAREWELL peers before": 0.5, "FAREWELL peers after": 0.5, "FAREWELL own after": 0.5}
    for name, share in planted.items():
        assert len(kept[name]) > 10
        assert is_plausible(sum(kept[name]), len(kept[name]), share), name
    assert sum(kept["NAME peers after"]) / len(kept["NAME peers after"]) > 0.65
    assert sum(kept["NAME own chosen"]) / len(kept["NAME own chosen"]) > 0.6


def test_the_truth_counts_both_sides(world: Any, recognitions: Any) -> None:
    truth = world.truth["recognitions"]
    assert truth["planted"] == {"NAME": 0.25, "FAREWELL": 0, "GREET": 0}
    assert set(truth["realised"]) == set(recognitions) - {" CC"}
    for place, realised in truth["realised"].items():
        employee, day = recognitions[place]
        for side, seen in sides(looks(world, place), day).items():
            for name, is_own in (("own", True), ("peers", False)):
                kept = [is_kept for who, _, is_kept in seen if (who == employee) == is_own]
                assert realised[f"{name}_{side}"] == [sum(kept), len(kept)], place
        assert realised["employee_id"] == employee
