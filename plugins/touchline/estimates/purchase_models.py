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


def fit_purchases(seen: Histories) -> PurchaseModel:
    """Maximum likelihood; the fit is the same for any order of the customers."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        likelihood, slopes = _purchase_likelihood(np.exp(logs), seen)
        return -float((share * likelihood).sum()), -(share * slopes).sum(axis=1) * np.exp(logs)

    share = seen.weight / seen.weight.sum()
    logs, value, is_converged = _minimise(loss, 4)
    r, alpha, a, b = map(float, np.exp(logs))
    return PurchaseModel(r, alpha, a, b, -value * float(seen.weight.sum()), is_converged)


def fit_spend(purchases: Floats, mean_spend: Floats) -> SpendModel:
    """Maximum likelihood over customers with at least one purchase of a positive mean."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        # The scale of money must not decide where the search ends.
        likelihood, slopes = _spend_likelihood(np.exp(logs), purchases, mean_spend / unit)
        return -float(likelihood.mean()), -slopes.mean(axis=1) * np.exp(logs)

    unit = float(mean_spend.mean())
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


def _purchase_likelihood(parameters: Floats, seen: Histories) -> tuple[Floats, Floats]:
    """Logarithm of the likelihood of each history (their equation 6), and its slopes: a row for each parameter."""
    r, alpha, a, b = parameters
    shape, came_back = r + seen.repeats, seen.repeats > 0
    # Nobody leaves but after a repeat purchase; who never came back has no such share.
    left = np.where(came_back, b + seen.repeats - 1, 1.0)
    alive = betaln(a, b + seen.repeats) - shape * np.log(alpha + seen.age)
    gone = np.where(came_back, betaln(a + 1, left) - shape * np.log(alpha + seen.recency), -np.inf)
    either = np.logaddexp(alive, gone)
    likelihood = gammaln(shape) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + either
    is_gone = np.exp(gone - either)
    is_alive = 1 - is_gone
    late = is_alive * np.log(alpha + seen.age) + is_gone * np.log(alpha + seen.recency)
    all_b = digamma(a + b) - digamma(a + b + seen.repeats)
    slopes = (
        digamma(shape) - digamma(r) + np.log(alpha) - late,
        r / alpha - shape * (is_alive / (alpha + seen.age) + is_gone / (alpha + seen.recency)),
        # digamma(a + 1) = digamma(a) + 1 / a
        all_b + is_gone / a,
        all_b - digamma(b) + is_alive * digamma(b + seen.repeats) + is_gone * digamma(left),
    )
    return likelihood, np.array(slopes)


def _spend_likelihood(parameters: Floats, purchases: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Logarithm of the likelihood of each customer's mean, and its slopes: a row for each parameter."""
    p, q, gamma = parameters
    shape = p * purchases
    whole = np.log(gamma + purchases * mean)
    likelihood = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
        + (shape - 1) * np.log(mean) + shape * np.log(purchases) - (shape + q) * whole
    )  # fmt: skip
    slopes = (
        purchases * (digamma(shape + q) - digamma(shape) + np.log(mean * purchases) - whole),
        digamma(shape + q) - digamma(q) + np.log(gamma) - whole,
        q / gamma - (shape + q) / (gamma + purchases * mean),
    )
    return likelihood, np.array(slopes)
