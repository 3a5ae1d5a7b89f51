"""Pooled estimates against figures of the literature and sums done by hand."""

import pytest

from touchline.reports import service_levels, statistics


def test_wilson_interval_of_eighty_in_a_hundred() -> None:
    estimate = statistics.share(80, 100, min_cell=5)
    assert estimate.value == pytest.approx(0.8)
    assert (estimate.lower, estimate.upper) == (pytest.approx(0.7112, abs=5e-5), pytest.approx(0.8666, abs=5e-5))


@pytest.mark.parametrize("trials", [0, 4])
def test_a_handful_of_observations_publishes_nothing(trials: int) -> None:
    assert statistics.share(0, trials, min_cell=5).value is None
    assert statistics.mean_of_days([(10, trials)], min_cell=5).value is None
    assert statistics.mean_of_counts([(3.0, trials)], min_cell=5).value is None


def test_mean_of_counts() -> None:
    """Scores 1, 2, 3, 4, 5 once each: mean 3, variance 10/4, error 1.96 √(2.5/5) = 1.3859."""
    estimate = statistics.mean_of_counts([(float(score), 1) for score in range(1, 6)], min_cell=5)
    assert estimate.value == 3
    assert estimate.upper == pytest.approx(4.3859, abs=1e-4)


def test_mean_of_days_takes_the_days_as_clusters() -> None:
    """Ten days of 10 contacts, 5 at 20 s and 5 at 40 s each: mean 30; residuals ±100; √(10·100²·10/9)/100·1.96."""
    estimate = statistics.mean_of_days([(200, 10)] * 5 + [(400, 10)] * 5, min_cell=5)
    assert estimate.value == 30
    assert estimate.upper == pytest.approx(30 + 1.959964 * (10 * 100**2 * 10 / 9) ** 0.5 / 100, abs=1e-4)
    assert statistics.mean_of_days([(200, 10)] * 9, min_cell=5).lower is None


def test_six_service_levels() -> None:
    """Answered 1000, abandoned 60; within 20 s answered 860, abandoned 20; within 5 s abandoned 10."""
    parts = {
        "offered": 1060,
        "answered": 1000,
        "answered_within_threshold": 860,
        "abandoned_in_queue": 60,
        "abandoned_within_threshold": 20,
        "short_abandoned": 10,
    }
    halves = [{name: n // 2 for name, n in parts.items()}] * 2
    found = {
        name: round(100 * (service_levels.service_level(halves, name, 5).value or 0), 2)
        for name in service_levels.FORMULAS
    }
    assert found == {
        "handled_of_offered": 83.02,
        "answered_of_answered": 86.00,
        "answered_of_offered": 81.13,
        "late_abandoned_counted": 82.69,
        "short_abandoned_as_served": 82.08,
        "short_abandoned_excluded": 81.90,
    }
