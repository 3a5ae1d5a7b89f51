"""Calls left unsolved: the planted share, counted from the files as far as they tell."""

from typing import Any

from support.plausible import is_plausible


def test_calls_that_nobody_repeats_are_left_unsolved_as_planted(world: Any) -> None:
    truth = world.truth["journeys"]
    calls = truth["realised"]["last_calls"]
    assert calls["calls"] > 500
    assert is_plausible(calls["unsolved"], calls["calls"], truth["planted"]["call_left_unsolved"])
    # The files do not tell who comes back: of all last legs without a case, more are unsolved.
    last = [
        row
        for row in world.rows("voice_center", "contacts")
        if row["is_resolved"] and not row["case_id"] and not row["next_contact_id"]
    ]
    unsolved = sum(row["is_resolved"] == "false" for row in last)
    assert calls["broken"] <= calls["unsolved"] <= unsolved
    assert calls["calls"] <= len(last)


def test_purchases_are_followed_by_service_within_their_window(world: Any) -> None:
    purchases = world.truth["journeys"]["realised"]["purchases"]
    known = sum(not row["return_of_transaction_id"] for row in world.rows("store_pos", "transactions"))
    assert 0 < purchases["went_on"] < purchases["judged"] < known
