"""Segments: standards of their own for two of them, and promises kept alike to all, counted from the files alone."""

from collections import Counter
from typing import Any

from support.plausible import is_plausible


def test_two_segments_have_a_standard_of_their_own(world: Any) -> None:
    written = {row["segment_code"]: float(row["target"]) for row in world.rows("service_crm", "service_standards")}
    written.pop("")
    assert written == world.truth["segments"]["planted"]["written"]
    targets = {row["segment_code"]: row["is_target"] for row in world.rows("service_crm", "segment_memberships")}
    assert {code for code, is_target in targets.items() if is_target == "true"} == set(
        world.truth["segments"]["planted"]["target"]
    )


def test_promises_are_kept_alike_to_all_segments(world: Any) -> None:
    """The share of all is itself estimated: the share of one is held against that of the others."""
    truth = world.truth["segments"]["promises"]
    total = Counter[str]()
    for counts in truth.values():
        total.update(counts)
    end = world.truth["arguments"]["end"]
    rows = world.rows("service_crm", "promises")
    # about one record in 500 is broken and missing here; a walk-in's delivery is in no segment
    due = sum(row["due_at"] <= f"{end}T00:00:00Z" for row in rows)
    assert 0 <= total["due"] - due <= 0.01 * due or due - total["due"] <= 0.2 * due
    for code, counts in truth.items():
        others = total["due"] - counts["due"]
        share = (total["kept"] - counts["kept"]) / others
        effective = 1 + counts["due"] / others
        assert is_plausible(round(counts["kept"] / effective), round(counts["due"] / effective), share), code
