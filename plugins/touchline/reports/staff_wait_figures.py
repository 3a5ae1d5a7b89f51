"""How customers fared where few agents were there for many of them."""

from functools import partial

from touchline.reports import charts
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, spread, total
from touchline.reports.published import Row
from touchline.reports.staffing import INTERVALS
from touchline.reports.statistics import share
from touchline.reports.words import _

HALF_HOUR = 1_800
CLASSES = 4

Level = tuple[str, Estimate, list[Row]]
"""A quarter of the half hours: its name, the share that gave up, its rows."""


def figures(context: Context, rows: list[Row]) -> list[Figure]:
    """Half hours with callers and staff, in quarters by contacts per agent present."""
    levels = _levels(context, rows)
    return [_figure(levels)]


def _levels(context: Context, rows: list[Row]) -> list[Level]:
    met = [row for row in rows if row["offered"] and row["present_seconds"]]
    met.sort(key=lambda row: (row["offered"] / row["present_seconds"], row["interval_start_at"], row["source"]))
    quarters = [met[len(met) * place // CLASSES : len(met) * (place + 1) // CLASSES] for place in range(CLASSES)]
    classes = [(_class_name(place), quarter) for place, quarter in enumerate(quarters) if quarter]
    return [
        (name, share(total(quarter, "abandoned_in_queue"), total(quarter, "offered"), context.min_cell), quarter)
        for name, quarter in classes
    ]


def _figure(levels: list[Level]) -> Figure:
    points = [
        dot(f"{name}\nn = {estimate.n:,}", estimate) for name, estimate, _ in levels if estimate.value is not None
    ]
    return Figure(
        slug="staff-and-waits",
        title=_("Do more customers give up where fewer agents are there for them?"),
        text=_(
            "Half hours in which somebody called and somebody was there, in four equal groups by contacts per agent "
            "present; the share that left the queue unanswered. What else differs between busy and quiet half hours "
            "is not taken out: an association."
        ),
        alt=_(
            "Dot chart of those who gave up by contacts per agent, {spread}.",
            spread=spread(estimate for _, estimate, _ in levels),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("group", _("Contacts per agent")),
                *estimate_columns(_("Contacts")),
                Column("intervals", _("Half hours"), "count"),
                Column("load", _("Contacts per agent hour"), "number"),
                Column("wait", _("Mean wait of the answered"), "seconds"),
            ),
            [(name, *cells(estimate), *_quarter_cells(quarter)) for name, estimate, quarter in levels],
        ),
        definition=Definition(
            INTERVALS,
            ("abandonment_share", "offered", "present_seconds"),
            _(
                "Groups are made over all hours shown. Contacts of one half hour wait in the same queue: the "
                "interval, Wilson's for shares, takes them as independent and is too narrow where few half hours are "
                "many contacts."
            ),
        ),
    )


def _class_name(place: int) -> str:
    names = (
        _("fewest contacts per agent"),
        _("few contacts per agent"),
        _("many contacts per agent"),
        _("most contacts per agent"),
    )
    return names[place]


def _quarter_cells(quarter: list[Row]) -> tuple[int, float, float | None]:
    answered = total(quarter, "answered")
    load = total(quarter, "offered") / (total(quarter, "present_seconds") / (2 * HALF_HOUR))
    wait = total(quarter, "answered_queue_seconds") / answered if answered else None
    return len(quarter), load, wait
