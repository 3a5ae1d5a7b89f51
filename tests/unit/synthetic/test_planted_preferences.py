"""Uses of preferences: as often as planted, after the recording, in a contact; counted from the files alone."""

from datetime import datetime
from typing import Any

from support.plausible import is_plausible


def test_preferences_are_used_as_often_as_planted(world: Any) -> None:
    truth = world.truth["preferences"]
    share = truth["planted"]["used"]
    codes = {row["code"] for row in world.rows("service_crm", "preferences")}
    assert set(truth["realised"]) == codes | {"any"}
    for code in codes:
        counts = truth["realised"][code]
        assert counts["contacts"] > 100
        assert is_plausible(counts["used"], counts["contacts"], share), code
    # about one record in 500 is broken and missing here
    uses = world.rows("service_crm", "preference_uses")
    used = sum(truth["realised"][code]["used"] for code in codes)
    assert 0 <= used - len(uses) <= max(3, 0.01 * used)
    somehow = truth["realised"]["any"]
    assert max(truth["realised"][code]["used"] for code in codes) < somehow["used"] < used


def test_a_use_comes_after_the_recording_and_names_a_case_or_lies_in_a_call(world: Any) -> None:
    recorded: dict[tuple[str, str], datetime] = {}
    for row in world.rows("service_crm", "preferences"):
        key, at = (row["contact_id"], row["code"]), datetime.fromisoformat(row["recorded_at"])
        recorded[key] = max(at, recorded.get(key, at))
    cases = {row["case_id"]: row["created_at"] for row in world.rows("service_crm", "cases")}
    uses = world.rows("service_crm", "preference_uses")
    # a broken record may be the one that is used
    unknown = [row for row in uses if (row["contact_id"], row["code"]) not in recorded]
    assert len(unknown) <= 0.02 * len(uses)
    for row in uses:
        used = datetime.fromisoformat(row["used_at"])
        assert row in unknown or recorded[row["contact_id"], row["code"]] < used
        assert not row["ref_id"] or row["ref_id"] not in cases or datetime.fromisoformat(cases[row["ref_id"]]) <= used
    assert {row["ref_type"] for row in uses} == {"", "case"}
