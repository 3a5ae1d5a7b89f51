"""What passes while a case is open, counted from the files alone."""

from collections import Counter
from datetime import datetime
from typing import Any

from support.plausible import is_plausible


def test_customers_write_and_issues_change_as_often_as_planted(world: Any) -> None:
    planted, realised = (world.truth["interaction"][part] for part in ("planted", "realised"))
    assert is_plausible(realised["wrote"], realised["closed"], planted["wrote"])
    assert is_plausible(realised["issue_changed"], realised["closed"], planted["issue_changed"])
    changes = [row for row in world.rows("service_crm", "case_events") if row["event_type"] == "issue_change"]
    assert len(changes) == realised["issue_changed"]
    assert all(row["from_value"] != row["to_value"] for row in changes)


def test_turns_updates_and_silent_fixes_are_those_of_the_files(world: Any) -> None:
    realised = world.truth["interaction"]["realised"]
    # several versions of a case may be delivered; only the last one is closed
    closed = {
        row["case_id"]: datetime.fromisoformat(row["closed_at"])
        for row in world.rows("service_crm", "cases")
        if row["closed_at"]
    }
    turns: Counter[str] = Counter()
    updates = 0
    for row in world.rows("service_crm", "case_events"):
        if row["case_id"] in closed and datetime.fromisoformat(row["occurred_at"]) <= closed[row["case_id"]]:
            turns[row["case_id"]] += row["actor_type"] == "customer" and row["event_type"] != "created"
            updates += row["actor_type"] == "employee" and row["is_public"] == "true"
    assert len(closed) == realised["closed"]
    assert sum(turns.values()) == realised["turns"]
    assert sum(not turns[case] for case in closed) == realised["silent"]
    assert updates == realised["updates"]
