"""Customers who buy as BG/NBD says they do, drawn one by one: nothing here is computed by the formulas under test."""

import numpy as np

from touchline.estimates.purchase_models import Histories, PurchaseModel


def histories(*seen: tuple[float, float, float]) -> Histories:
    repeats, recency, age = np.array(seen, dtype=np.float64).T
    return Histories(repeats, recency, age, np.ones(len(seen)))


def simulated(model: PurchaseModel, customers: int, weeks: float, seed: int) -> Histories:
    """The model's own story, told customer by customer: wait, buy, perhaps leave."""
    generator = np.random.default_rng(seed)
    seen = []
    for rate, leaving in zip(
        generator.gamma(model.r, 1 / model.alpha, customers), generator.beta(model.a, model.b, customers), strict=True
    ):
        repeats, last, now = 0, 0.0, generator.exponential(1 / rate) if rate > 1e-12 else np.inf
        while now <= weeks:
            repeats, last = repeats + 1, now
            if generator.random() < leaving:
                break
            now += generator.exponential(1 / rate)
        seen.append((repeats, last, weeks))
    return histories(*seen)
