"""What customers without a contract will still buy: BG/NBD for how often, Gamma-Gamma for how much.

BG/NBD (Fader, Hardie and Lee 2005, "Counting your customers the easy way"): a customer buys at a rate that differs
between customers by a gamma distribution (r, alpha), and after each purchase leaves for good with a probability that
differs by a beta distribution (a, b). Gamma-Gamma (Fader and Hardie 2013): what purchases are worth differs between
them and between customers by gamma distributions (p, q, gamma), however often somebody buys. Times are in weeks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

Floats = npt.NDArray[np.float64]

_BOUND = 12.0
_RUN_AWAY = 8.0
"""A parameter's logarithm: one beyond e^±8 has run away, wherever the search then ended. The data say nothing of it."""
_FLAT = 1e-5
"""Of the loss per customer over a parameter's logarithm: steeper than that, the search has not ended."""


@dataclass(frozen=True, slots=True)
class Histories:
    """One entry per customer, or per group of alike customers: `repeats` after the first purchase, the last of them
    `recency` after it, seen for `age`; `weight` customers each."""

    repeats: Floats
    recency: Floats
    age: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """Fitted BG/NBD. `log_likelihood` of all customers; `is_converged` is false where a parameter ran away."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    is_converged: bool

    def expected_repeats(self, weeks: Floats | float) -> Floats:
        """Repeat purchases of a new customer within so many weeks of the first one (their equation 9)."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        time = np.asarray(weeks, dtype=np.float64)
        series = hyp2f1(r, b, a + b - 1, time / (alpha + time))
        return np.asarray((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + time)) ** r * series))

    def probability_alive(self, seen: Histories) -> Floats:
        """That a customer with this history has not left; 1 for one who never came back."""
        return np.asarray(1 / (1 + self._odds_of_leaving(seen)))

    def expected_purchases(self, seen: Histories, weeks: float) -> Floats:
        """Purchases in the weeks to come of a customer with this history (their equation 10)."""
        shape, late = self.r + seen.repeats, self.alpha + seen.age
        left = self.a + self.b + seen.repeats - 1
        series = hyp2f1(shape, self.b + seen.repeats, left, weeks / (late + weeks))
        still = 1 - (late / (late + weeks)) ** shape * series
        return np.asarray(left / (self.a - 1) * still / (1 + self._odds_of_leaving(seen)))

    def _odds_of_leaving(self, seen: Histories) -> Floats:
        ratio = (self.alpha + seen.age) / (self.alpha + seen.recency)
        # Nobody leaves but after a repeat purchase.
        came_back = np.maximum(self.b + seen.repeats - 1, np.finfo(np.float64).tiny)
        odds = self.a / came_back * ratio ** (self.r + seen.repeats)
        return np.where(seen.repeats > 0, odds, 0.0)


@dataclass(frozen=True, slots=True)
class SpendModel:
    """Fitted Gamma-Gamma."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    is_converged: bool

    def expected_spend(self, purchases: Floats, mean_spend: Floats) -> Floats:
        """Mean of the purchases to come of a customer who made so many at this mean; shrunk towards all customers'."""
        seen = np.where(purchases > 0, purchases * mean_spend, 0.0)
        return np.asarray(self.p * (self.gamma + seen) / (self.p * purchases + self.q - 1))


@dataclass(frozen=True, slots=True)
class _Distinct:
    """A column by its few distinct values, since gamma functions and logarithms of a hundred thousand rows are dear."""

    values: Floats
    places: npt.NDArray[np.int64]

    @classmethod
    def of(cls, column: Floats) -> "_Distinct":
        values, places = np.unique(column, return_inverse=True)
        return cls(values, places)

    def each(self, of_values: Floats) -> Floats:
        """What was computed of the distinct values, for each row."""
        return of_values[self.places]


def fit_purchases(seen: Histories) -> PurchaseModel:
    """Maximum likelihood; the fit is the same for any order of the customers."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        likelihood, slopes = _purchase_likelihood(np.exp(logs), repeats, recency, age)
        return -float((share * likelihood).sum()), -(share * slopes).sum(axis=1) * np.exp(logs)

    share = seen.weight / seen.weight.sum()
    repeats, recency, age = map(_Distinct.of, (seen.repeats, seen.recency, seen.age))
    logs, value, is_converged = _minimise(loss, 4)
    r, alpha, a, b = map(float, np.exp(logs))
    return PurchaseModel(r, alpha, a, b, -value * float(seen.weight.sum()), is_converged)


def fit_spend(purchases: Floats, mean_spend: Floats) -> SpendModel:
    """Maximum likelihood over customers with at least one purchase of a positive mean."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        # The scale of money must not decide where the search ends.
        likelihood, slopes = _spend_likelihood(np.exp(logs), counts, mean_spend / unit)
        return -float(likelihood.mean()), -slopes.mean(axis=1) * np.exp(logs)

    unit = float(mean_spend.mean())
    counts = _Distinct.of(purchases)
    logs, value, is_converged = _minimise(loss, 3)
    p, q, gamma = map(float, np.exp(logs))
    likelihood = -value * len(purchases) - float(np.log(unit)) * len(purchases)
    return SpendModel(p, q, gamma * unit, likelihood, is_converged)


def _minimise(loss: Callable[[Floats], tuple[float, Floats]], parameters: int) -> tuple[Floats, float, bool]:
    """(logarithms of the parameters, loss, whether the search ended within bounds). `loss` gives its gradient, too."""
    bounds = [(-_BOUND, _BOUND)] * parameters
    found = minimize(
        loss, np.zeros(parameters), jac=True, method="L-BFGS-B", bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1_000, "maxls": 50},
    )  # fmt: skip
    is_inside = bool(np.all(np.abs(found.x) < _RUN_AWAY))
    is_flat = bool(np.all(np.abs(found.jac) < _FLAT))
    return found.x, float(found.fun), is_flat and is_inside


def _purchase_likelihood(
    parameters: Floats, repeats: _Distinct, recency: _Distinct, age: _Distinct
) -> tuple[Floats, Floats]:
    """Logarithm of the likelihood of each history (their equation 6), and its slopes: a row for each parameter."""
    r, alpha, a, b = parameters
    # Nobody leaves but after a repeat purchase; who never came back has no such share.
    came_back = repeats.values > 0
    left = np.where(came_back, b + repeats.values - 1, 1.0)
    shape, log_age, log_last = r + repeats.values, np.log(alpha + age.values), np.log(alpha + recency.values)
    alive = repeats.each(betaln(a, b + repeats.values)) - repeats.each(shape) * age.each(log_age)
    leaving = np.where(came_back, betaln(a + 1, left), -np.inf)
    gone = repeats.each(leaving) - repeats.each(shape) * recency.each(log_last)
    either = np.logaddexp(alive, gone)
    likelihood = repeats.each(gammaln(shape) - gammaln(r) + r * np.log(alpha) - betaln(a, b)) + either
    is_gone = np.exp(gone - either)
    is_alive = 1 - is_gone
    late = is_alive * age.each(log_age) + is_gone * recency.each(log_last)
    all_b = digamma(a + b) - digamma(a + b + repeats.values)
    soon = is_alive * age.each(1 / (alpha + age.values)) + is_gone * recency.each(1 / (alpha + recency.values))
    slopes = (
        repeats.each(digamma(shape) - digamma(r) + np.log(alpha)) - late,
        r / alpha - repeats.each(shape) * soon,
        # digamma(a + 1) = digamma(a) + 1 / a
        repeats.each(all_b) + is_gone / a,
        repeats.each(all_b - digamma(b) + digamma(b + repeats.values))
        + is_gone * repeats.each(digamma(left) - digamma(b + repeats.values)),
    )
    return likelihood, np.array(slopes)


def _spend_likelihood(parameters: Floats, purchases: _Distinct, mean: Floats) -> tuple[Floats, Floats]:
    """Logarithm of the likelihood of each customer's mean, and its slopes: a row for each parameter."""
    p, q, gamma = parameters
    count, shape = purchases.each(purchases.values), p * purchases.values
    whole, log_mean = np.log(gamma + count * mean), np.log(mean)
    constant = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma) + shape * np.log(purchases.values)
    likelihood = purchases.each(constant) + purchases.each(shape - 1) * log_mean - purchases.each(shape + q) * whole
    per_purchase = digamma(shape + q) - digamma(shape) + np.log(purchases.values)
    slopes = (
        count * (purchases.each(per_purchase) + log_mean - whole),
        purchases.each(digamma(shape + q) - digamma(q) + np.log(gamma)) - whole,
        q / gamma - purchases.each(shape + q) / (gamma + count * mean),
    )
    return likelihood, np.array(slopes)
