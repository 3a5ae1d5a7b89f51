"""How the service level of each queue went on, month by month."""

from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import Context, cells, estimate_columns, joined, one_line, spread, total
from touchline.reports.published import Row
from touchline.reports.service_levels import service_level
from touchline.reports.words import _

DAYS = "rpt_contact_center_days"
SHOWN_QUEUES = 12

Names = tuple[str, str]
"""A queue and its channel."""


def names_of(row: Row) -> Names:
    """What a queue is called; contacts that reached none have a name, too."""
    return one_line(row["queue_id"] or _("no queue")), one_line(row["channel"])


def label_of(queue: str, channel: str) -> str:
    """The names on one line."""
    return f"{queue} · {channel}"


def queue_months(context: Context, brand: str) -> list[Figure]:
    """The busiest queues of the latest year; nothing before there are two months."""
    rows = context.of("contact_queue_months", brand)
    months = sorted({row["period_month"] for row in rows})
    if len(months) < 2:
        return []
    formula, seconds = rows[0]["service_level_formula"], rows[0]["service_level_threshold_seconds"]
    queues: dict[Names, list[Row]] = {}
    for row in rows:
        queues.setdefault(names_of(row), []).append(row)
    shown = sorted(queues, key=lambda names: (-total(queues[names], "offered"), names))[:SHOWN_QUEUES]
    levels = {
        (names, row["period_month"]): service_level([row], formula, context.min_cell)
        for names in shown
        for row in queues[names]
    }
    return [_figure(levels, shown, months, formula, seconds)]


def _figure(levels: dict[Any, Estimate], shown: list[Names], months: list[Any], formula: str, seconds: int) -> Figure:
    points = [_cell(names, month, levels.get((names, month))) for names in shown for month in months]
    return Figure(
        slug="queue-months",
        title=_("Which queue got better, which worse?"),
        text=_(
            "Served within {seconds} seconds, in percent, by queue and month: the {shown} busiest queues of the latest "
            "{months} months. The stronger the colour, the more were served in time; an empty cell has too few "
            "contacts.",
            seconds=seconds,
            shown=len(shown),
            months=len(months),
        ),
        alt=_(
            "Heat map of the service level of {queues} over {months}, {spread}.",
            queues=wording.count(len(shown), "queue"),
            months=wording.count(len(months), "month"),
            spread=spread(levels.values()),
        ),
        draw=partial(charts.grid, points),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                Column("queue", _("Queue")),
                Column("channel", _("Channel")),
                *estimate_columns(_("Contacts")),
            ),
            [(month, *names, *cells(estimate)) for (names, month), estimate in levels.items()],
        ),
        definition=Definition(
            DAYS,
            ("queue_id", f"service_level_{formula}"),
            _("Days are pooled by summing counts; the interval is Wilson's."),
        ),
    )


def _cell(names: Names, month: Any, estimate: Estimate | None) -> dict[str, Any]:
    """A cell in the shade of its share: of the seven steps each is a seventh of the way from none to all."""
    value = None if estimate is None else estimate.value
    return {
        "x": wording.short_month(month),
        "y": label_of(*names),
        "name": joined(month, *names),
        "shade": 0 if value is None else charts.shade(value, charts.thresholds(1.0)),
        "text": "" if value is None else f"{100 * value:.0f}",
    }
