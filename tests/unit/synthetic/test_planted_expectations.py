"""SERVQUAL answers: planted means show in the files, counted from the files alone."""

from collections import defaultdict
from typing import Any

import pytest

from support.plausible import is_plausible


def test_scores_have_the_planted_means(world: Any) -> None:
    """A score is one of the two whole points around its mean: how often it is the upper one is the mean's fraction."""
    scores: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in world.rows("service_crm", "survey_items"):
        scores[row["dimension"], row["side"]].append(int(row["score"]))
    truth = world.truth["expectations"]
    for dimension, planted in truth["planted"].items():
        assert set(scores[dimension, "weight"]) == {planted["weight"]}
        for side, name in (("expectation", "expected"), ("perception", "perceived")):
            found, floor = scores[dimension, side], int(planted[name])
            assert truth["realised"][dimension]["answers"] == len(found) >= 500
            assert truth["realised"][dimension][side] == sum(found)
            assert is_plausible(sum(found) - floor * len(found), len(found), planted[name] - floor)
    # -.288 - .066 + .019 - .096 + .044
    weighted = sum(p["weight"] * (p["perceived"] - p["expected"]) for p in truth["planted"].values()) / 100
    assert weighted == pytest.approx(-0.387)


def test_items_belong_to_answered_questionnaires(world: Any) -> None:
    answered = {
        row["response_id"]: row
        for row in world.rows("service_crm", "survey_responses")
        if row["survey_type"] == "servqual"
    }
    assert {row["response_id"] for row in world.rows("service_crm", "survey_items")} == set(answered)
    assert all(row["responded_at"] and not row["score"] for row in answered.values())
    beliefs = world.rows("service_crm", "management_expectations")
    assert len(beliefs) == 5 * 3
