"""Coverage, for the page on the contact centre: are we there when customers ask, and what do they settle alone?"""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.contact_figures import WEEKDAYS
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_channel_coverage"
FLOOR = N_(
    "Who does not try while we are closed leaves no record: demand out of hours is a floor. The interval is Wilson's."
)
SILENCE = N_("Contained is silence, not proof of an answer. The interval is Wilson's.")

QUERIES = {
    "coverage": """
        select * from rpt_channel_coverage
        order by brand, period collate "C", channel collate "C", hour_of_week collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Share of calls that came in open hours, and of contacts that nobody had to attend to."""
    rows = _cut(context, brand, "all", "all")
    return [*_open(context, rows[0]), *_contained(context, rows[0])] if rows else []


def missing(context: Context, brand: str) -> list[str]:
    """What is not recorded of opening hours and self-service."""
    rows = _cut(context, brand, "all", "all")
    found = []
    if not rows or not rows[0]["hours_known"]:
        found.append(_("No coverage of hours: no source of this brand delivered the hours of a queue that was called."))
    if not rows or not rows[0]["unattended"]:
        found.append(_("No containment: no self-service of known persons with a closed window is recorded."))
    return found


def figures(context: Context, brand: str) -> list[Figure]:
    """By hour of the week, and by channel and month."""
    rows = [row for row in context.of("coverage", brand) if row["channel"] == "all" and row["hour_of_week"] != "all"]
    known = [row for row in rows if row["hours_known"]]
    channels = [row for row in context.of("coverage", brand) if row["hour_of_week"] == "all"]
    contained = [row for row in channels if row["period"] == "all" and row["unattended"]]
    hours = (
        _("When do customers ask while we are closed?"),
        _(
            "Contacts that came while their queue was closed, by local hour of the week, over all months. {floor}",
            floor=_(FLOOR),
        ),
    )
    closed = [closed_hours(known, MART, "out-of-hours", *hours)] if known else []
    return [*closed, *([_containment(contained, channels)] if contained else [])]


def _cut(context: Context, brand: str, channel: str, hour: str) -> list[Row]:
    return [
        row
        for row in context.of("coverage", brand)
        if row["period"] == "all" and row["channel"] == channel and row["hour_of_week"] == hour
    ]


def _open(context: Context, row: Row) -> list[Headline]:
    if not row["hours_known"]:
        return []
    estimate = estimate_of(row, "open_share", "hours_known")
    return [
        Headline(
            label=_("Asked while we were open"),
            metric=f"{MART}.open_share",
            unit="share",
            estimate=estimate,
            observed=_("contacts"),
            sentence=_(
                "{out_of_hours:,} of {contacts} came while their queue was closed.",
                out_of_hours=row["out_of_hours"],
                contacts=wording.count(row["hours_known"], "contact"),
            ),
            definition=Definition(MART, ("open_share", "in_hours", "hours_known"), FLOOR),
            missing=context.too_few(estimate, _("contacts")),
        )
    ]


def _contained(context: Context, row: Row) -> list[Headline]:
    if not row["unattended"]:
        return []
    estimate = estimate_of(row, "containment_share", "judged")
    return [
        Headline(
            label=_("Settled without us"),
            metric=f"{MART}.containment_share",
            unit="share",
            estimate=estimate,
            observed=_("contacts"),
            sentence=_(
                "Nobody attended to {unattended:,} of {contacts}; after {contained:,} of these the person came to "
                "nobody within {window_days} days.",
                unattended=row["unattended"],
                contacts=wording.count(row["judged"], "contact"),
                contained=row["contained"],
                window_days=row["window_days"],
            ),
            definition=Definition(MART, ("containment_share", "unattended", "contained", "window_days"), SILENCE),
            missing=context.too_few(estimate, _("contacts")),
        )
    ]


def closed_hours(rows: list[Row], mart: str, slug: str, title: str, text: str) -> Figure:
    """Heat map of what came while closed, by weekday and hour; rows bear `out_of_hours` and `open_share`."""
    closed = {weekday_and_hour(row): row["out_of_hours"] for row in rows}
    steps = charts.thresholds(max(closed.values()) or 1)
    hours = range(min(hour for _, hour in closed), max(hour for _, hour in closed) + 1)
    points = [
        {
            "x": f"{hour:02d}",
            "y": weekday,
            "shade": charts.shade(n, steps) if (n := closed.get((weekday, hour), 0)) else 0,
            "text": f"{n:,}" if n else "",
        }
        for weekday in map(_, WEEKDAYS)
        for hour in hours
    ]
    return Figure(
        slug=slug,
        title=title,
        text=text,
        alt=_("Heat map of {total:,} contacts out of hours by weekday and hour.", total=sum(closed.values())),
        draw=partial(charts.grid, points, x_title=_("Hour of the day")),
        table=Table(
            (
                Column("weekday", _("Weekday")),
                Column("hour", _("Hour"), "count"),
                Column("contacts", _("Contacts"), "count"),
                Column("out_of_hours", _("Out of hours"), "count"),
                *estimate_columns(_("Hours known")),
            ),
            [
                (
                    *weekday_and_hour(row),
                    row["contacts"],
                    row["out_of_hours"],
                    *cells(estimate_of(row, "open_share", "hours_known")),
                )
                for row in rows
            ],
        ),
        definition=Definition(
            mart, ("out_of_hours", "open_share", "hours_known"), _("The table gives the share in hours.")
        ),
    )


def weekday_and_hour(row: Row) -> tuple[str, int]:
    """Weekday, in words, and hour of a row."""
    weekday, hour = row["hour_of_week"].split("-")
    return _(WEEKDAYS[int(weekday) - 1]), int(hour)


def _containment(rows: list[Row], every: list[Row]) -> Figure:
    estimates = {row["channel"]: estimate_of(row, "containment_share", "judged") for row in rows}
    points = [
        dot(f"{one_line(channel)}\nn = {one.n:,}", one) for channel, one in estimates.items() if one.value is not None
    ]
    return Figure(
        slug="containment",
        title=_("What do customers settle without us?"),
        text=_(
            "Contacts of known persons that nobody attended to and that were followed by none with anybody within "
            "{window_days} days, as a share of the channel's contacts. {silence} The table adds every month, and the "
            "channels in which somebody always attends.",
            window_days=rows[0]["window_days"],
            silence=_(SILENCE),
        ),
        alt=_(
            "Dot chart of containment in {channels}, {spread}.",
            channels=wording.count(len(points), "channel"),
            spread=spread(estimates.values()),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("period", _("Month")),
                Column("channel", _("Channel")),
                *estimate_columns(_("Judged")),
                Column("unattended", _("Nobody attended"), "count"),
                Column("contained", _("Contained"), "count"),
                Column("contacts", _("Contacts"), "count"),
                Column("open_share", _("In open hours"), "share"),
            ),
            [
                (
                    row["period"],
                    one_line(row["channel"]),
                    *cells(estimate_of(row, "containment_share", "judged")),
                    *(row[column] for column in ("unattended", "contained", "contacts", "open_share")),
                )
                for row in every
            ],
        ),
        definition=Definition(MART, ("containment_share", "unattended_share", "judged", "window_days"), SILENCE),
    )
