"""Counts how often intervals hold what was planted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from planted_figures import Figure
from worlds import World

from touchline.reports import statistics

LEAST, MOST = 0.90, 0.98
"""Coverage of a 95 % interval that is taken for right."""
ROUNDING = 0.00005
"""Published bounds have four decimals."""


@dataclass(frozen=True)
class Coverage:
    """Of a figure's intervals in worlds of one sort: how many there are, and how many hold the parameter."""

    name: str
    kind: str
    worlds: str
    intervals: int
    holding: int
    below: int
    """Intervals that lie below the parameter: the figure is too low."""

    @property
    def lower(self) -> float:
        return statistics.share(self.holding, self.intervals, 1).lower or 0.0

    @property
    def upper(self) -> float:
        return statistics.share(self.holding, self.intervals, 1).upper or 0.0

    @property
    def is_right(self) -> bool:
        """Whether the coverage may lie between `LEAST` and `MOST` as far as chance (95 %) tells; not without one."""
        return self.intervals > 0 and self.upper >= LEAST and self.lower <= MOST


def coverages(figure: Figure, worlds: Iterable[World], found: Iterable[dict[str, Any]]) -> list[Coverage]:
    """One of the worlds with effects; another of those without, if the figure tells of an effect."""
    sorts = (("planted", True), ("without effect", False)) if figure.is_effect else (("planted", True),)
    planted = {world.brand: figure.planted(world.truth) for world in worlds}
    with_effects = {world.brand: world.has_effects for world in worlds}
    rows = list(found)
    return [
        _count(figure, name, [row for row in rows if with_effects[row["brand"]] == wanted], planted)
        for name, wanted in sorts
    ]


def _count(figure: Figure, sort: str, rows: list[dict[str, Any]], planted: dict[str, dict[str, float]]) -> Coverage:
    held, below, all_rows = 0, 0, 0
    for row in rows:
        parameter = planted[row["brand"]].get(row["code"])
        if parameter is None:
            continue
        all_rows += 1
        below += row["upper"] < parameter - ROUNDING
        held += row["lower"] - ROUNDING <= parameter <= row["upper"] + ROUNDING
    return Coverage(figure.name, figure.kind, sort, all_rows, held, below)


def table(found: Iterable[Coverage]) -> str:
    """The coverages as lines, each with its own interval."""
    head = f"{'figure':48} {'kind':10} {'worlds':14} {'n':>6} {'held':>6} {'below':>6} {'coverage (95 %)':>24}"
    lines = [
        f"{one.name:48} {one.kind:10} {one.worlds:14} {one.intervals:6} {one.holding:6} {one.below:6}"
        f" {_share(one):>24}{'' if one.is_right else '  !'}"
        for one in found
    ]
    return "\n".join([head, *lines])


def _share(one: Coverage) -> str:
    if not one.intervals:
        return "none"
    return f"{one.holding / one.intervals:.1%} ({one.lower:.1%} to {one.upper:.1%})"
