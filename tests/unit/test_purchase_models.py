"""Models of repeat purchases held against quadrature, simulated customers and the published example."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from math import exp, lgamma, log
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize, stats

from support.buying import histories, simulated
from touchline.estimates.purchase_models import Histories, PurchaseModel, fit_purchases, fit_spend

Floats = npt.NDArray[np.float64]
MODEL = PurchaseModel(1.5, 4.0, 1.2, 2.5, 0.0, is_converged=True)


def mixed(inner: Callable[[Floats, Floats], Floats]) -> float:
    """Mean of inner(rate, leaving) over both distributions, by quadrature: independent of the closed forms."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    share = (nodes + 1) / 2
    rates = stats.gamma(MODEL.r, scale=1 / MODEL.alpha).ppf(share)[:, None]
    leaving = stats.beta(MODEL.a, MODEL.b).ppf(share)[None, :]
    return float(weights @ inner(rates, leaving) @ weights / 4)


def test_the_published_example(real_data: Path) -> None:
    """CDNOW, calibrated on the first 39 weeks: 2,357 customers, 2,457 repeats, 1,411 without one."""
    calibrated = date(1997, 9, 30)
    days: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in (real_data / "pos" / "CDNOW_sample.txt").read_text().splitlines():
        master, _, day, _, amount = line.split()
        days[master][datetime.strptime(day, "%Y%m%d").date()] += float(amount)  # noqa: DTZ007
    known = [sorted((day, spend) for day, spend in bought.items() if day <= calibrated) for bought in days.values()]
    ages = [(len(k) - 1, (k[-1][0] - k[0][0]).days / 7, (calibrated - k[0][0]).days / 7) for k in known]
    seen = histories(*ages)
    assert (len(known), seen.repeats.sum(), (seen.repeats == 0).sum()) == (2357, 2457, 1411)
    model = fit_purchases(seen)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert model.expected_repeats(np.array([1.0, 3.0, 78.0])) == pytest.approx([0.0532, 0.1506, 1.8576], rel=1e-3)
    repeats = [[spend for _, spend in k[1:]] for k in known]
    priced = [spends for spends in repeats if sum(spends) > 0]
    spend = fit_spend(np.array([len(s) for s in priced], np.float64), np.array([np.mean(s) for s in priced]))
    assert len(priced) == 946
    assert (spend.p, spend.q, spend.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_expected_repeats_are_the_mean_over_all_customers() -> None:
    """At a given rate λ and probability p, E X(t) = (1 - exp(-λ p t)) / p (Fader, Hardie and Lee 2005)."""
    mean = mixed(lambda rate, leaving: -np.expm1(-rate * leaving * 10) / leaving)
    assert float(MODEL.expected_repeats(10)) == pytest.approx(mean, rel=1e-4)


def test_what_is_expected_of_a_known_customer_is_bayes_rule() -> None:
    """x = 2 at t = 3, seen for 8 weeks, 5 to come; likelihood λ²(1-p)² e^(-8λ) + p λ² (1-p) e^(-3λ)."""

    def stayed(rate: Floats, leaving: Floats) -> Floats:
        return rate**2 * (1 - leaving) ** 2 * np.exp(-8 * rate)

    def left(rate: Floats, leaving: Floats) -> Floats:
        return leaving * rate**2 * (1 - leaving) * np.exp(-3 * rate)

    def still_buys(rate: Floats, leaving: Floats) -> Floats:
        return stayed(rate, leaving) * -np.expm1(-rate * leaving * 5) / leaving

    alive = mixed(stayed)
    likelihood = alive + mixed(left)
    seen = histories((2, 3, 8))
    assert MODEL.probability_alive(seen)[0] == pytest.approx(alive / likelihood, rel=1e-4)
    assert MODEL.expected_purchases(seen, 5)[0] == pytest.approx(mixed(still_buys) / likelihood, rel=1e-4)


def test_who_never_came_back_cannot_have_left() -> None:
    assert MODEL.probability_alive(histories((0, 0, 39), (0, 0, 1000))).tolist() == [1.0, 1.0]
    # A regular customer who has been silent for long has rather left than an occasional one.
    regular, occasional = MODEL.probability_alive(histories((10, 20, 39), (1, 20, 39)))
    assert regular < occasional


def test_planted_parameters_are_found() -> None:
    """Each within 3.29 standard errors (99.9 %), from the curvature of the likelihood at the fit."""
    truth = PurchaseModel(0.6, 5.0, 0.9, 3.0, 0.0, is_converged=True)
    seen = simulated(truth, 3000, 52, seed=11)
    found = fit_purchases(seen)
    assert found.is_converged
    fitted = np.log([found.r, found.alpha, found.a, found.b])
    errors = np.sqrt(np.diag(np.linalg.inv(curvature(seen, fitted))))
    planted = np.log([truth.r, truth.alpha, truth.a, truth.b])
    assert np.all(np.abs(fitted - planted) < 3.29 * errors), (fitted, planted, errors)
    assert np.all(errors < 0.5), "an interval as wide as that finds anything"


def curvature(seen: Histories, at: Floats) -> Floats:
    """Second derivatives of the negative log-likelihood over logarithms, by differences of its gradient."""

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        return -sum(density(r, alpha, a, b, *row) for row in zip(seen.repeats, seen.recency, seen.age, strict=True))

    def gradient(logs: Floats) -> Floats:
        return optimize.approx_fprime(logs, loss, 1e-5)

    steps = np.eye(len(at)) * 1e-3
    rows = np.array([(gradient(at + step) - gradient(at - step)) / 2e-3 for step in steps])
    return (rows + rows.T) / 2


def density(r: float, alpha: float, a: float, b: float, x: float, last: float, age: float) -> float:
    """Log-likelihood of one history, written as for a spreadsheet: ln A1 + ln A2 + ln(A3 + A4)."""
    first = lgamma(r + x) - lgamma(r) + r * log(alpha)
    second = lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
    third = (alpha + age) ** -(r + x)
    fourth = exp(log(a) - log(b + x - 1) - (r + x) * log(alpha + last)) if x > 0 else 0.0
    return first + second + log(third + fourth)


def test_weights_stand_for_customers() -> None:
    many = simulated(PurchaseModel(0.6, 4.0, 0.8, 2.0, 0.0, is_converged=True), 300, 52, seed=3)
    rows = np.round(np.column_stack([many.repeats, many.recency, many.age]))
    distinct, weights = np.unique(rows, axis=0, return_counts=True)
    many, few = histories(*map(tuple, rows)), Histories(*distinct.T, weights.astype(np.float64))
    assert len(distinct) < 200
    one, other = fit_purchases(many), fit_purchases(few)
    assert one.is_converged
    assert other.is_converged
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)
    assert (one.r, one.alpha) == pytest.approx((other.r, other.alpha), rel=1e-4)


def test_customers_who_say_nothing_give_no_model() -> None:
    """Nobody ever left or differed: the parameters run away, and the fit says so."""
    assert not fit_purchases(histories(*[(10, 10, 10)] * 40)).is_converged


def test_planted_spend_is_found_in_any_currency() -> None:
    """Mean of n gamma values of shape p is gamma of shape n p: 3,000 customers of 1 to 8 purchases, then in cents."""
    p, q, gamma = 6.0, 4.0, 15.0
    generator = np.random.default_rng(5)
    purchases = generator.integers(1, 9, 3000).astype(np.float64)
    rates = generator.gamma(q, 1 / gamma, 3000)
    means = generator.gamma(p * purchases) / rates / purchases
    found, cents = fit_spend(purchases, means), fit_spend(purchases, means * 100)
    assert found.is_converged
    assert (cents.p, cents.q, cents.gamma / 100) == pytest.approx((found.p, found.q, found.gamma), rel=1e-3)
    # The mean over all customers, p gamma / (q - 1) = 30: its own sampling error is that of the mean of the means.
    error = float(means.std() / np.sqrt(len(means)))
    assert found.p * found.gamma / (found.q - 1) == pytest.approx(30, abs=3.29 * error)
    assert (found.p, found.q) == pytest.approx((p, q), rel=0.2)
    # No purchase known: the mean of all; many: nearly the customer's own.
    guesses = found.expected_spend(np.array([0.0, 1e6]), np.array([0.0, 80.0]))
    assert guesses.tolist() == pytest.approx([found.p * found.gamma / (found.q - 1), 80.0], rel=1e-3)
