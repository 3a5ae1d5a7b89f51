"""Panel regressions: the figures of two libraries, arithmetic by hand, planted links recovered, none where none is."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from touchline.estimates.panel import within_estimate
from touchline.estimates.profit_chain import link_estimate

UNITS, MONTHS = 40, 12


def codes(cells: list[tuple[int, int]]) -> tuple[Any, Any]:
    units, periods = zip(*cells, strict=True)
    return np.array(units), np.array(periods)


def test_slope_and_error_are_those_of_two_libraries() -> None:
    """An unbalanced panel. statsmodels 0.14 and linearmodels 7 agree to twelve digits.

    Obtained by smf.ols("y ~ x + C(u) + C(t)", df).fit(cov_type="cluster", cov_kwds={"groups": df.u}) and by
    PanelOLS(y, x, entity_effects=True, time_effects=True).fit(cov_type="clustered", cluster_entity=True,
    debiased=True, group_debias=True).
    """
    cells = [(u, t) for u in range(6) for t in range(5) if (u, t) not in ((1, 2), (4, 0), (4, 3))]
    x = np.array([float((7 * u + 3 * t * t + u * t * 5) % 11) for u, t in cells])
    y = np.array(
        [
            0.5 * known + 2 * u - t + ((u * u * 3 + t * 5 + u * t) % 7) / 2
            for known, (u, t) in zip(x, cells, strict=True)
        ]
    )
    found = within_estimate(y, x, *codes(cells))
    assert found is not None
    assert found.slope == pytest.approx(0.65955142740857, rel=1e-10)
    assert found.error == pytest.approx(0.09133931205935, rel=1e-9)
    assert (found.units, found.periods, found.observations) == (6, 5, 27)
    # t of 5 degrees of freedom at 97.5 %: 2.570582 (any table)
    assert found.upper - found.standardised == pytest.approx(
        2.570582 * found.error * found.standardised / found.slope, rel=1e-6
    )


def test_two_units_and_three_months_by_hand() -> None:
    """x is 0 1 5 and 0 3 1, y is 0 2 3 and 0 3 1; unit and month means are taken away, that of all is added.

    x unit means 2 and 4/3, month means 0, 2, 3, all 5/3: x~ = -1/3, -4/3, 5/3 and the opposite.
    y unit means 5/3 and 4/3, month means 0, 5/2, 2, all 3/2: y~ = -1/6, -2/3, 5/6 and the opposite: y~ = x~ / 2.
    """
    found = within_estimate(
        np.array([0.0, 2, 3, 0, 3, 1]), np.array([0.0, 1, 5, 0, 3, 1]), np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    )
    assert found is not None
    assert (found.slope, found.standardised) == (pytest.approx(0.5), pytest.approx(1.0))
    assert found.error == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("constant", ["x", "y"])
def test_what_does_not_vary_within_units_and_months_has_no_estimate(constant: str) -> None:
    """A unit's level plus a month's level is taken away whole, whatever it is."""
    cells = [(u, t) for u in range(5) for t in range(4)]
    level = np.array([0.1 * u + 3.3 * t for u, t in cells])
    other = np.random.default_rng(1).normal(size=len(cells))
    y, x = (other, level) if constant == "x" else (level, other)
    assert within_estimate(y, x, *codes(cells)) is None


@pytest.mark.parametrize("cells", [[], [(0, 0)], [(0, 0), (0, 1), (0, 2)], [(0, 0), (0, 1), (1, 0), (1, 1)]])
def test_too_little_has_no_estimate(cells: list[tuple[int, int]]) -> None:
    values = np.arange(len(cells)) ** 2.0
    units = np.array([u for u, _ in cells], dtype=np.int64)
    assert within_estimate(values, values, units, np.array([t for _, t in cells], dtype=np.int64)) is None


def planted_panel(seed: int, effect: float) -> dict[tuple[str, int], dict[str, float | None]]:
    """Quality of a month follows the employees of the month before; both carry levels of unit and month."""
    draw = np.random.default_rng(seed)
    employee = draw.normal(size=(UNITS, MONTHS))
    noise = draw.normal(size=(UNITS, MONTHS)) * np.sqrt(1 - effect**2)
    levels = 5 * draw.normal(size=(UNITS, 1)) + 3 * draw.normal(size=(1, MONTHS))
    quality = noise + levels
    quality[:, 1:] += effect * employee[:, :-1]
    return {
        (f"L{u:02d}", m): {"employee": float(employee[u, m] - levels[u, m]), "quality": float(quality[u, m])}
        for u in range(UNITS)
        for m in range(MONTHS)
    }


@pytest.mark.parametrize("effect", [0.6, -0.3])
def test_a_planted_link_is_recovered_with_its_lag(effect: float) -> None:
    """Within 3.29 standard errors, which the interval shows by Student's t of 39 degrees."""
    found = link_estimate(planted_panel(3, effect), "employee", "quality")
    error = (found["upper"] - found["lower"]) / (2 * stats.t.ppf(0.975, UNITS - 1))
    assert abs(found["standardised"] - effect) <= 3.29 * error
    assert found["lower"] * found["upper"] > 0
    assert (found["units"], found["months"], found["observations"]) == (UNITS, MONTHS - 1, UNITS * (MONTHS - 1))


def test_without_an_effect_few_intervals_miss_zero() -> None:
    """Of 200 null panels 5 % may: more than 21 only once in 1,700 times (binomial)."""
    found = [link_estimate(planted_panel(100 + seed, 0.0), "employee", "quality") for seed in range(200)]
    assert sum(link["lower"] * link["upper"] > 0 for link in found) <= 21


def test_months_that_are_missing_join_nothing() -> None:
    """A hole is no month before: the pairs around it are left out, and an absent measure is none."""
    panel = planted_panel(5, 0.5)
    del panel["L00", 4]
    panel["L01", 4]["employee"] = None
    found = link_estimate(panel, "employee", "quality")
    # of L00 the pairs 3 to 4 and 4 to 5, of L01 the pair 4 to 5
    assert found["observations"] == UNITS * (MONTHS - 1) - 3
    assert link_estimate({}, "employee", "quality") == dict.fromkeys(
        ("slope", "error", "standardised", "lower", "upper")
    ) | {
        "units": 0,
        "months": 0,
        "observations": 0,
    }
