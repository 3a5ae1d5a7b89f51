"""Promises and what waiting callers are told: planted shares show in the files, counted from the files alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.plausible import is_plausible

STOP = datetime(2026, 6, 30, tzinfo=UTC)
at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("promise_type", "planted"), [("delivery", 0.92), ("call_back", 0.85), ("answer", 0.92), ("refund", 0.78)]
)
def test_promises_are_kept_as_often_as_planted(world: Any, promise_type: str, planted: float) -> None:
    rows = [row for row in world.rows("service_crm", "promises") if row["promise_type"] == promise_type]
    found: Counter[str] = Counter()
    for row in rows:
        if at(row["due_at"]) <= STOP:
            kept_at = at(row["fulfilled_at"]) if row["fulfilled_at"] else None
            state = "overdue" if kept_at is None else "kept" if kept_at <= at(row["due_at"]) else "late"
            found.update(["due", state])
    truth = world.truth["promises"]
    assert truth["realised"][promise_type] == found
    assert truth["planted"][promise_type] == pytest.approx(planted)
    assert found["due"] >= 200
    assert found["overdue"] >= 1
    assert is_plausible(found["kept"], found["due"], planted)


def test_open_promises_are_due_before_and_after_the_end(world: Any) -> None:
    still_open = [row for row in world.rows("service_crm", "promises") if not row["fulfilled_at"]]
    assert {at(row["due_at"]) <= STOP for row in still_open} == {True, False}
    employees = {row["employee_id"] for row in world.rows("store_pos", "employees")}
    assert {row["owner_employee_id"] for row in still_open} - {""} <= employees


def test_quotes_and_callbacks_are_kept_as_often_as_planted(world: Any) -> None:
    legs = {row["contact_id"]: row for row in world.rows("voice_center", "contacts")}
    quotes: Counter[str] = Counter()
    for row in world.rows("voice_center", "wait_notices"):
        leg = legs[row["contact_id"]]
        if row["kind"] == "estimated_wait" and leg["connected_to_agent_at"]:
            left = at(leg["connected_to_agent_at"]) - at(row["notified_at"])
            quotes.update(["answered", *(["kept"] if left <= timedelta(seconds=int(row["quoted_seconds"])) else [])])
    truth = world.truth["waiting"]
    assert quotes == truth["quotes"]
    assert is_plausible(quotes["kept"], quotes["answered"], 0.70)
    callbacks = world.rows("voice_center", "callbacks")
    kept = sum(bool(row["connected_at"]) and row["connected_at"] <= row["promised_to"] for row in callbacks)
    assert truth["callbacks"] == {"due": len(callbacks), "kept": kept}
    assert is_plausible(kept, len(callbacks), 0.85)


def test_callers_who_accept_a_callback_leave_the_queue(world: Any) -> None:
    accepted = {row["contact_id"] for row in world.rows("voice_center", "wait_notices") if row["is_accepted"] == "true"}
    answered = {row["contact_id"] for row in world.rows("voice_center", "contacts") if row["connected_to_agent_at"]}
    promised = {row["contact_id"] for row in world.rows("voice_center", "callbacks")}
    assert promised <= accepted
    assert not accepted & answered


def test_standards_change_and_employees_rise(world: Any) -> None:
    targets: dict[str, list[str]] = {}
    for row in world.rows("service_crm", "service_standards"):
        targets.setdefault(row["standard_code"], []).append(row["target"])
    assert targets["ANSWER"] == ["0.60", "0.70"]
    assert all(len(found) == 1 for code, found in targets.items() if code != "ANSWER")
    states = Counter(row["employee_id"] for row in world.rows("store_pos", "employees"))
    # 8 stores of 6 and of 4 helpers, 25 agents, a supervisor and 3 executives
    assert len(states) == 8 * (6 + 4) + 25 + 1 + 3
    assert set(states.values()) == {1, 2}
