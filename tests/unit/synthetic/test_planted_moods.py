"""Moods of employees: what the truth says of them, counted and correlated from the files alone."""

from collections import defaultdict
from typing import Any

import numpy as np


def test_the_mood_of_a_month_foretells_the_service_of_the_next(world: Any) -> None:
    """Correlation of what neither store nor month explains: Fisher's interval (99.9 %) holds what was planted.

    Of 8 stores in 5 months 40 pairs, of which store and month means take 12: z is normal with 1 / √(40 - 12 - 3).
    """
    scores: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in world.rows("service_crm", "survey_responses"):
        if row["survey_type"] == "employee":
            scores[row["location_id"], row["responded_at"][:7]].append(int(row["score"]))
    kept: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in world.rows("store_pos", "service_observations"):
        kept[row["location_id"], row["observed_at"][:7]].append(row["is_observed"] == "true")
    stores, months = (sorted({key[place] for key in kept}) for place in (0, 1))
    mood = np.array([[np.mean(scores[store, month]) for month in months[:-1]] for store in stores])
    service = np.array([[np.mean(kept[store, month]) for month in months[1:]] for store in stores])
    found = np.corrcoef(*(_unexplained(table).ravel() for table in (mood, service)))[0, 1]
    truth = world.truth["profit_chain"]
    assert (len(stores), len(months)) == (8, 6)
    assert truth["foretold"] == 40
    assert truth["answers"] >= 0.95 * 8 * 6 * 6
    assert abs(np.arctanh(found) - np.arctanh(truth["planted"]["employee_to_quality"])) <= 3.291 / np.sqrt(25)


def _unexplained(table: Any) -> Any:
    return table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
