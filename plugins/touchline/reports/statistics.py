"""Estimates pooled over the rows of a mart: sums first, one division, the interval of the pooled figure."""

from collections.abc import Iterable
from math import sqrt

from touchline.reports.content import Estimate

NORMAL_QUANTILE = 1.959963984540054
"""Two-sided 95 %."""

MIN_CLUSTERS = 10
"""Fewer days say too little about their own spread."""


def share(successes: int, trials: int, min_cell: int) -> Estimate:
    """A share with its Wilson score interval (Wilson 1927); unpublished below `min_cell` trials."""
    if trials < max(min_cell, 1):
        return Estimate(None, None, None, trials)
    z = NORMAL_QUANTILE
    root = z * sqrt(z * z + 4 * successes * (trials - successes) / trials)
    middle, width = 2 * successes + z * z, 2 * (trials + z * z)
    return Estimate(successes / trials, (middle - root) / width, (middle + root) / width, trials)


def mean_of_days(days: Iterable[tuple[int, int]], min_cell: int) -> Estimate:
    """Seconds per contact from (seconds, contacts) of each day, the days being clusters.

    The error is that of a ratio estimate by linearisation (Cochran 1977, 6.3), without an interval
    below MIN_CLUSTERS days.
    """
    pairs = [(seconds, contacts) for seconds, contacts in days if contacts]
    n = sum(contacts for _, contacts in pairs)
    if n < max(min_cell, 1):
        return Estimate(None, None, None, n)
    mean = sum(seconds for seconds, _ in pairs) / n
    if len(pairs) < MIN_CLUSTERS:
        return Estimate(mean, None, None, n)
    squares = sum((seconds - mean * contacts) ** 2 for seconds, contacts in pairs)
    error = NORMAL_QUANTILE * sqrt(squares * len(pairs) / (len(pairs) - 1)) / n
    return Estimate(mean, max(mean - error, 0.0), mean + error, n)


def mean_of_counts(counts: Iterable[tuple[float, int]], min_cell: int) -> Estimate:
    """Mean of values given as (value, how often), with the normal interval of a mean."""
    pairs = list(counts)
    n = sum(count for _, count in pairs)
    if n < max(min_cell, 2):
        return Estimate(None, None, None, n)
    mean = sum(value * count for value, count in pairs) / n
    variance = sum(count * (value - mean) ** 2 for value, count in pairs) / (n - 1)
    error = NORMAL_QUANTILE * sqrt(variance / n)
    return Estimate(mean, mean - error, mean + error, n)
