"""Whether a count can have come from a planted probability."""

from math import sqrt


def is_plausible(successes: int, trials: int, probability: float) -> bool:
    """Whether the count lies in the 99.9 % interval: 3.291 standard deviations around the mean."""
    deviation = sqrt(trials * probability * (1 - probability))
    return abs(successes - trials * probability) <= 3.291 * deviation
