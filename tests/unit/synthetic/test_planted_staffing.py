"""The contact centre's staff: planted shares and seconds show in the files, counted from the files alone."""

from collections import Counter
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from support.plausible import is_plausible

HANDLING = ("talking", "wrap_up")


def seconds(row: dict[str, str]) -> int:
    return int((datetime.fromisoformat(row["end_at"]) - datetime.fromisoformat(row["start_at"])).total_seconds())


def test_states_follow_each_other_and_fill_the_shifts_that_were_kept(world: Any) -> None:
    """Every agent who came is in one state from the first second of the shift to the last."""
    employees = {row["agent_id"]: row["employee_id"] for row in world.rows("voice_center", "agents")}
    spans = {(row["employee_id"], row["start_at"]): row["end_at"] for row in world.rows("store_pos", "shifts")}
    chains: dict[tuple[str, str], tuple[str, str]] = {}
    for row in sorted(world.rows("voice_center", "agent_states"), key=lambda row: (row["agent_id"], row["start_at"])):
        employee = employees[row["agent_id"]]
        first, last = chains.get((employee, row["start_at"][:10]), (row["start_at"], row["start_at"]))
        assert last == row["start_at"]
        chains[employee, row["start_at"][:10]] = (first, row["end_at"])
    kept = {(employee, first): last for (employee, _), (first, last) in chains.items()}
    assert kept.items() <= spans.items()
    truth = world.truth["staffing"]
    assert (len(spans), len(spans) - len(kept)) == (truth["shifts"], truth["shifts_missed"])


def test_seconds_are_those_of_the_truth(world: Any) -> None:
    found: Counter[str] = Counter()
    for row in world.rows("voice_center", "agent_states"):
        state = row["state"]
        found["handling" if state in HANDLING else {"available": "idle", "break": "away"}[state]] += seconds(row)
    found["rostered"] = sum(map(seconds, world.rows("store_pos", "shifts")))
    found["missing"] = found["rostered"] - found["handling"] - found["idle"] - found["away"]
    assert found == world.truth["staffing"]["seconds"]


def test_present_seconds_by_hour_are_those_of_the_truth(world: Any) -> None:
    found: Counter[str] = Counter()
    states = [row for row in world.rows("voice_center", "agent_states") if row["state"] != "break"]
    for row in states:
        at, end = datetime.fromisoformat(row["start_at"]), datetime.fromisoformat(row["end_at"])
        while at < end:
            edge = min(end, at.replace(minute=0, second=0) + timedelta(hours=1))
            found[f"{at:%H}"] += int((edge - at).total_seconds())
            at = edge
    assert found == world.truth["staffing"]["present_by_hour"]


def test_occupancy_and_missed_shifts_are_as_planted(world: Any) -> None:
    """Two exponential states of means h and i: over a time T the variance of a share p is 2 p² (1-p)² (h+i) / T."""
    truth = world.truth["staffing"]
    assert truth["planted"] == {"occupancy": 0.75, "turn_seconds": 3600, "shifts_missed": 0.08}
    handling, idle = truth["seconds"]["handling"], truth["seconds"]["idle"]
    error = sqrt(2 * 0.75**2 * 0.25**2 * 3600 / (handling + idle))
    assert abs(handling / (handling + idle) - 0.75) <= 3.291 * error
    assert is_plausible(truth["shifts_missed"], truth["shifts"], 0.08)
