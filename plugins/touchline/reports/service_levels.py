"""Service level under its formula's name, pooled over rows of the contact-centre marts."""

from collections.abc import Callable, Mapping, Sequence

from touchline.reports.content import Estimate
from touchline.reports.context import total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_

Parts = Mapping[str, int]

FORMULAS: dict[str, tuple[str, Callable[[Parts], tuple[int, int]]]] = {
    "late_abandoned_counted": (
        N_("answered in time ÷ (answered + gave up late)"),
        lambda p: (
            p["answered_within_threshold"],
            p["answered"] + p["abandoned_in_queue"] - p["abandoned_within_threshold"],
        ),
    ),
    "handled_of_offered": (
        N_("(answered + gave up, in time) ÷ offered"),
        lambda p: (p["answered_within_threshold"] + p["abandoned_within_threshold"], p["offered"]),
    ),
    "answered_of_answered": (
        N_("answered in time ÷ answered"),
        lambda p: (p["answered_within_threshold"], p["answered"]),
    ),
    "answered_of_offered": (
        N_("answered in time ÷ offered"),
        lambda p: (p["answered_within_threshold"], p["offered"]),
    ),
    "short_abandoned_as_served": (
        N_("(answered in time + gave up at once) ÷ offered"),
        lambda p: (p["answered_within_threshold"] + p["short_abandoned"], p["offered"]),
    ),
    "short_abandoned_excluded": (
        N_("answered in time ÷ (offered − gave up at once)"),  # noqa: RUF001
        lambda p: (p["answered_within_threshold"], p["offered"] - p["short_abandoned"]),
    ),
}
"""By name: the formula in words, and its numerator and denominator from the additive parts."""

PARTS = (
    "offered",
    "answered",
    "answered_within_threshold",
    "abandoned_in_queue",
    "abandoned_within_threshold",
    "short_abandoned",
)


def service_level(rows: Sequence[Row], formula: str, min_cell: int) -> Estimate:
    """The share served in time over all rows, with its Wilson interval."""
    parts = {part: total(rows, part) for part in PARTS}
    return share(*FORMULAS[formula][1](parts), min_cell)
