"""Least squares within a panel: two-way fixed effects, one regressor, errors clustered by unit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

CONFIDENCE = 0.95
MAX_SWEEPS = 10_000
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class WithinEstimate:
    """Slope of y on x with unit and period effects, its standard error, and the same in standard deviations.

    `standardised` is the slope times the ratio of the standard deviations that are left within units and periods;
    its interval is that of the slope (Student's t, units - 1 degrees of freedom), the deviations taken as given.
    """

    slope: float
    error: float
    standardised: float
    lower: float
    upper: float
    units: int
    periods: int
    observations: int


def within_estimate(y: Floats, x: Floats, units: Codes, periods: Codes) -> WithinEstimate | None:
    """Estimate y = slope x + unit effect + period effect; None where nothing varies or too little is left.

    Errors are clustered by unit: the sandwich of Liang and Zeger 1986 with the correction
    G / (G - 1) (n - 1) / (n - k), k being units + periods, all effects counted (Cameron and Miller 2015, II.C).
    With a handful of units the interval may still be too narrow (same, VI).
    """
    units, periods = _codes(units), _codes(periods)
    clusters, months, n = _levels(units), _levels(periods), len(y)
    degrees = n - clusters - months
    if clusters < 2 or degrees < 1:
        return None
    residual_y, residual_x = _within(y, units, periods), _within(x, units, periods)
    spread_y, spread_x = float(residual_y @ residual_y), float(residual_x @ residual_x)
    # what is left of a constant is rounding
    if spread_y <= TOLERANCE * float(y @ y) or spread_x <= TOLERANCE * float(x @ x):
        return None
    slope = float(residual_x @ residual_y) / spread_x
    scores = np.bincount(units, weights=residual_x * (residual_y - slope * residual_x))
    correction = clusters / (clusters - 1) * (n - 1) / degrees
    error = float(np.sqrt(correction * float(scores @ scores))) / spread_x
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, clusters - 1)) * error
    scale = float(np.sqrt(spread_x / spread_y))
    return WithinEstimate(
        slope, error, slope * scale, (slope - reach) * scale, (slope + reach) * scale, clusters, months, n
    )


def _codes(values: Codes) -> Codes:
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)


def _levels(codes: Codes) -> int:
    return int(codes.max()) + 1 if len(codes) else 0


def _within(values: Floats, units: Codes, periods: Codes) -> Floats:
    """What unit and period means leave: taken away in turn until nothing moves, for a panel may have holes."""
    left = values - values.mean() if len(values) else values
    least = TOLERANCE * float(np.abs(left).max(initial=0.0))
    for _ in range(MAX_SWEEPS):
        before = left
        for codes in (units, periods):
            left = left - (np.bincount(codes, weights=left) / np.bincount(codes))[codes]
        if float(np.abs(left - before).max(initial=0.0)) <= least:
            break
    return left
