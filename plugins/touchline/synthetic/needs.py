"""What people need next: after one category some come back for another, planted into purchases they make anyway."""

from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import chance, pick
from touchline.synthetic.purchases import Line, Sale, category_of, price_in

Occasions = dict[int, dict[date, list[Sale]]]
"""Purchases of a person (by number) by local day."""


def plant_needs(sales: list[Sale], prices: dict[str, int], rng: np.random.Generator, window: world.Window) -> None:
    """Add a line of the needed category to what people buy next, if that is soon after what it is needed for."""
    needed = [product for product in prices if category_of(product) == world.NEED]
    for days in _occasions(sales, window).values():
        ordered = sorted(days)
        for before, after in pairwise(ordered):
            if world.NEED_AFTER not in _categories(days[before]) or not chance(rng, world.NEED_SHARE):
                continue
            sale = days[after][0]
            if sale.closed_at <= _end(days[before]) + world.NEED_DAYS * world.DAY:
                product = pick(rng, needed)
                sale.lines.append(Line(product, 1, price_in(sale.channel, product, prices), is_need=True))


def need_truth(sales: list[Sale], window: world.Window) -> dict[str, int]:
    """Days of known buyers whose NEED_DAYS have passed: all, followed by the need, after what it is needed for, both,
    and both without the planted lines.
    """
    counts = dict.fromkeys(("occasions", "followed", "after", "both", "both_unplanted"), 0)
    for days in _occasions(sales, window).values():
        for day, bought in days.items():
            end = _end(bought) + world.NEED_DAYS * world.DAY
            if end > window.stop:
                continue
            later = [sale for other in days if other > day for sale in days[other] if sale.closed_at <= end]
            is_after = world.NEED_AFTER in _categories(bought)
            is_followed = world.NEED in _categories(later)
            counts["occasions"] += 1
            counts["followed"] += is_followed
            counts["after"] += is_after
            counts["both"] += is_after and is_followed
            counts["both_unplanted"] += is_after and world.NEED in _categories(later, with_planted=False)
    return counts


def _occasions(sales: list[Sale], window: world.Window) -> Occasions:
    found: Occasions = defaultdict(lambda: defaultdict(list))
    for sale in sales:
        if sale.person and not sale.return_of and sale.closed_at < window.stop:
            day = datetime.fromtimestamp(sale.closed_at, sale.location.zone).date()
            found[sale.person.number][day].append(sale)
    return found


def _categories(sales: list[Sale], with_planted: bool = True) -> set[str]:
    return {category_of(line.product_id) for sale in sales for line in sale.lines if with_planted or not line.is_need}


def _end(sales: list[Sale]) -> int:
    return max(sale.closed_at for sale in sales)
