"""What a figure shows of one channel, segment or unit once it is chosen: the chart that stands in for its own."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from touchline.reports import charts
from touchline.reports.content import Estimate, Instead
from touchline.reports.context import spread, timeline
from touchline.reports.words import _

SHOWN_MONTHS = 12
"""Single values are shown over the latest year; all of them together over all months."""

LATEST_YEAR = f"interval '{SHOWN_MONTHS} months'"
"""The same for a query."""

Months = Mapping[date, Estimate]


def trends(dimension: str, of_all: Months, values: Mapping[str, Months], label: str) -> list[Instead]:
    """A line by month of each value that has a figure, over the grey line of all."""
    return [
        _trend(dimension, value, months, of_all, label)
        for value, months in values.items()
        if any(estimate.value is not None for estimate in months.values())
    ]


def _trend(dimension: str, value: str, months: Months, of_all: Months, label: str) -> Instead:
    known = [month for month, estimate in months.items() if estimate.value is not None]
    # A line is cut where its points end: that of all may not reach further.
    beside = {month: estimate for month, estimate in of_all.items() if min(known) <= month <= max(known)}
    return Instead(
        dimension,
        value,
        alt=_("Line chart of {value} by month, {spread}; beside it all.", value=value, spread=spread(months.values())),
        draw=partial(
            charts.trend,
            timeline(months, "month"),
            label=_("{label}: {value} (grey: all)", label=label, value=value),
            step="month",
            reference=timeline(beside, "month") if beside else (),
        ),
    )
