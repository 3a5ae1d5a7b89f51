"""Who leaves over a return: planted by letting people drop out, with what they would have bought else."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import chance
from touchline.synthetic.purchases import Sale


def leave_after_returns(sales: list[Sale], rng: np.random.Generator) -> tuple[list[Sale], list[Sale]]:
    """Split the sales into those made and the purchases unmade, for their buyers left when they sent something back."""
    left_at: dict[int, int] = {}
    for sale in sales:
        if sale.return_of and sale.person and chance(rng, world.LEAVES_AFTER_RETURN_SHARE):
            number = sale.person.number
            left_at[number] = min(sale.closed_at, left_at.get(number, sale.closed_at))
    made = [sale for sale in sales if not _is_unmade(sale, left_at)]
    return made, [sale for sale in sales if _is_unmade(sale, left_at) and not sale.return_of]


def _is_unmade(sale: Sale, left_at: dict[int, int]) -> bool:
    return sale.person is not None and sale.closed_at > left_at.get(sale.person.number, sale.closed_at)


def purchase_counts(sales: list[Sale]) -> Counter[int]:
    """Purchases by the number of the person; anonymous ones and returns are left out."""
    return Counter(sale.person.number for sale in sales if sale.person and not sale.return_of)


def _purchases(sales: list[Sale], start: int, stop: int) -> Iterator[Sale]:
    return (sale for sale in sales if start <= sale.closed_at < stop and not sale.return_of)


def defection_truth(sales: list[Sale], unmade: list[Sale], window: world.Window) -> dict[str, int]:
    """Of the people who sent something back with DEFECTION_DAYS before and after: who bought again in the days after
    their first such return, and who would have if returns made nobody leave. And of all who bought in the
    DEFECTION_DAYS up to a week before the cut: who has not since it.
    """
    span = world.DEFECTION_DAYS * world.DAY
    cut = window.stop - span
    first: dict[int, int] = {}
    for sale in sales:
        if sale.person and sale.return_of and cut - span <= sale.closed_at < cut:
            first.setdefault(sale.person.number, sale.closed_at)

    def buyers(made: list[Sale]) -> set[int]:
        found = set()
        for sale in made:
            since = first.get(sale.person.number) if sale.person else None
            if sale.person and not sale.return_of and since is not None and since < sale.closed_at <= since + span:
                found.add(sale.person.number)
        return found

    came_back = buyers(sales)
    week = 7 * world.DAY
    before = {sale.person.number for sale in _purchases(sales, cut - week - span, cut - week) if sale.person}
    since = {sale.person.number for sale in _purchases(sales, cut, window.stop) if sale.person}
    would_have = came_back | buyers(unmade)
    return {
        "customers": len(before),
        "lapsed": len(before - since),
        "touched": len(first),
        "came_back": len(came_back),
        "would_have_come_back": len(would_have),
    }
