"""Employees: what is planted of single ones shows in the files, counted from the files alone."""

from collections import defaultdict
from statistics import mean, stdev
from typing import Any


def test_slow_agents_take_as_much_longer_as_planted(world: Any) -> None:
    """Every agent is one employee; the slow ones need 150 s more of after-contact work, all others the same."""
    employees = {row["agent_id"]: row["employee_id"] for row in world.rows("voice_center", "agents")}
    truth = world.truth["employees"]
    assert truth["planted"] == {"slow_agents": [4, 13, 21], "seconds": 150}
    handled: dict[str, list[int]] = defaultdict(list)
    wrapped: dict[bool, list[int]] = {True: [], False: []}
    # a leg delivered twice was taken once
    legs = {row["contact_id"]: row for row in world.rows("voice_center", "contacts") if row["agent_id"]}
    for row in legs.values():
        wrap_up = int(row["after_contact_work_seconds"])
        handled[row["agent_id"]].append(int(row["interaction_seconds"]) + int(row["hold_seconds"]) + wrap_up)
        wrapped[int(row["agent_id"][1:]) in truth["planted"]["slow_agents"]].append(wrap_up)
    assert truth["realised"] == {
        employees[agent]: {"legs": len(seconds), "seconds": sum(seconds)} for agent, seconds in handled.items()
    }
    error = sum(stdev(seconds) ** 2 / len(seconds) for seconds in wrapped.values()) ** 0.5
    assert abs(mean(wrapped[True]) - mean(wrapped[False]) - 150) <= 3.291 * error
