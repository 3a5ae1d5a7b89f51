"""Observed service: planted shares and days show in the files, counted from the files alone."""

from collections import defaultdict
from datetime import datetime
from itertools import groupby
from typing import Any

import pytest

from support.plausible import is_plausible

UNCHANGED_UNTIL = "2026-02-01"


@pytest.fixture(scope="module")
def days(world: Any) -> dict[tuple[str, str], dict[str, list[bool]]]:
    """Item and store → UTC day → what was seen."""
    found: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in world.rows("store_pos", "service_observations"):
        day = datetime.fromisoformat(row["observed_at"]).date().isoformat()
        found[row["item_code"], row["location_id"]][day].append(row["is_observed"] == "true")
    return found


def test_observed_days_are_those_of_the_truth(world: Any, days: Any) -> None:
    """A day with three looks is judged, two kept of three attain 60 %; a thin day breaks no run."""
    for (item, store), looks in days.items():
        judged = [sum(seen) >= 2 for _, seen in sorted(looks.items()) if len(seen) >= 3]
        runs = [len(list(run)) for is_attained, run in groupby(judged) if is_attained]
        assert world.truth["standards"]["realised"][item][store] == {
            "measured": sum(map(len, looks.values())),
            "kept": sum(map(sum, looks.values())),
            "days_judged": len(judged),
            "days_attained": sum(judged),
            "longest_run": max(runs),
        }


def test_items_are_kept_as_often_as_planted(world: Any, days: Any) -> None:
    """Before anybody visits or changes anything; what that makes of it is told with the visits and changes."""
    planted = world.truth["standards"]["planted"]
    assert len(days) == len(planted["lived_in"]) * 8
    for item, stores in planted["lived_in"].items():
        for name, share in (("where_lived", 0.98), ("elsewhere", 0.5)):
            assert planted["kept"][name] == share
            seen = [
                is_kept
                for (own, store), looks in days.items()
                if own == item and (store in stores) == (name == "where_lived")
                for day, seen_then in looks.items()
                for is_kept in seen_then
                if day < UNCHANGED_UNTIL
            ]
            assert is_plausible(sum(seen), len(seen), share)
