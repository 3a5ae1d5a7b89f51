"""What follows a case: notes and preferences as planted, counted from the files alone."""

from collections import defaultdict
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from support.plausible import is_plausible


def test_notes_are_written_by_the_close_as_often_as_planted(world: Any) -> None:
    truth = world.truth["follow_up"]
    closed = {row["case_id"]: row["closed_at"] for row in world.rows("service_crm", "cases") if row["closed_at"]}
    notes = [row for row in world.rows("service_crm", "case_events") if row["event_type"] == "note"]
    # about one record in 500 is broken and missing here
    assert 0 <= truth["realised"]["closed"] - len(closed) <= 8
    assert 0 <= truth["realised"]["noted"] - len({row["case_id"] for row in notes}) <= 8
    assert is_plausible(truth["realised"]["noted"], truth["realised"]["closed"], truth["planted"]["noted"])
    assert all(row["occurred_at"] <= closed[row["case_id"]] for row in notes if row["case_id"] in closed)


def test_preferences_are_recorded_within_a_week_as_counted(world: Any) -> None:
    truth = world.truth["follow_up"]
    recorded: dict[str, dict[str, datetime]] = defaultdict(dict)
    preferences = world.rows("service_crm", "preferences")
    for row in preferences:
        of_contact, at = recorded[row["contact_id"]], datetime.fromisoformat(row["recorded_at"])
        of_contact[row["code"]] = max(at, of_contact.get(row["code"], at))
    end = datetime.fromisoformat(world.truth["arguments"]["end"] + "T00:00:00+00:00")
    week = timedelta(days=7)
    judged = refreshed = 0
    for row in world.rows("service_crm", "cases"):
        if row["closed_at"] and (closed := datetime.fromisoformat(row["closed_at"])) + week <= end:
            judged += 1
            refreshed += any(closed < at <= closed + week for at in recorded[row["contact_id"]].values())
    assert 0 <= truth["realised"]["judged"] - judged <= 8
    assert abs(truth["realised"]["refreshed"] - refreshed) <= 8
    # one comes after one case; what would come after the end is not exported, nor is one record in 500 whole
    share, closed_cases = truth["planted"]["preference"], truth["realised"]["closed"]
    spread = 3.291 * sqrt(closed_cases * share * (1 - share))
    assert judged * share - spread - 8 <= len(preferences) <= closed_cases * share + spread
