"""Seeded randomness: one independent stream per subject, and weighted choices."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")

# Append only: the position is part of the seed, so a new stream leaves all others untouched.
STREAMS = (
    "people",
    "contacts",
    "purchases",
    "baskets",
    "walk_ins",
    "transactions",
    "threads",
    "calls",
    "cases",
    "recoveries",
    "surveys",
    "duplicates",
    "dirt",
    "sharing",
    "promises",
    "company",
    "notices",
    "effort",
    "leaving",
    "observations",
    "expectations",
    "needs",
    "campaigns",
    "costs",
    "staffing",
    "suggestions",
    "moods",
    "follow_ups",
    "reviews",
    "aftermath",
    "self_service",
    "interactions",
    "referrals",
    "preference_uses",
    "staff_life",
    "preparations",
    "case_surveys",
    "recognitions",
)


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of the named stream; equal seed and name give equal draws."""
    return np.random.default_rng(np.random.SeedSequence([seed, STREAMS.index(name)]))


class Weighted(Generic[T]):
    """Values with probabilities, drawn by inversion (faster than ``Generator.choice`` one at a time)."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._bounds = list(accumulate(weights.values()))[:-1]

    def draw(self, rng: np.random.Generator) -> T:
        """Return one value."""
        return self._values[bisect_right(self._bounds, rng.random())]


def pick(rng: np.random.Generator, values: Sequence[T]) -> T:
    """Return one of the values, each equally likely."""
    return values[int(rng.integers(len(values)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def between(rng: np.random.Generator, low: int, high: int) -> int:
    """Return an integer of ``[low, high]``, each equally likely."""
    return int(rng.integers(low, high + 1))
