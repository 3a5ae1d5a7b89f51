"""What passes while a case is open, for the page on journeys: turns, updates, changed issues, silent fixes."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import (
    MONTHS_POOLED,
    RECENT_MONTHS,
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    spread,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import _

MART = "rpt_interaction"

QUERIES = {
    "interaction": 'select * from rpt_interaction order by brand, period_month, channel collate "C"',
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Silent fixes over the latest months; none where no event of a closed case is recorded."""
    rows = _recent(context, brand)
    if not rows:
        return []
    silent, recorded = total(rows, "silent"), total(rows, "recorded")
    estimate = share(silent, recorded, context.min_cell)
    period = wording.months(rows[0]["period_month"], rows[-1]["period_month"])
    return [
        Headline(
            label=_("Put right without a further word"),
            metric=f"{MART}.silent_share",
            unit="share",
            estimate=estimate,
            observed=_("cases"),
            sentence=_(
                "{silent:,} of {cases} were closed without the customer having to turn to us again ({period}).",
                silent=silent,
                cases=wording.count(recorded, "case"),
                period=period,
            ),
            definition=Definition(MART, ("silent_share", "silent", "recorded"), MONTHS_POOLED),
            missing=context.too_few(estimate, _("cases")),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Why nothing is said of open cases."""
    if _recent(context, brand):
        return []
    return [_("Nothing while cases are open: no event of a closed case of this brand was delivered.")]


def figures(context: Context, brand: str) -> list[Figure]:
    """Silent fixes by channel of the case; turns, updates and changed issues month by month in the table."""
    recent = _recent(context, brand)
    if not recent:
        return []
    rows = context.of("interaction", brand)
    months = {row["period_month"] for row in recent}
    channels = sorted({row["channel"] for row in rows if row["period_month"] in months} - {"all"})
    estimates = [(named(name), _silent(context, rows, months, name)) for name in ("all", *channels)]
    points = [dot(f"{name}\nn = {one.n:,}", one) for name, one in estimates if one.value is not None]
    return [
        Figure(
            slug="while-open",
            title=_("Do customers have to turn to us again?"),
            text=_(
                "Share of cases closed without any turn of the customer after opening, by the channel the case came "
                "in by, over the latest months. The table adds, by month, turns a case, updates an hour it was open, "
                "and cases that came to be about another issue."
            ),
            alt=_(
                "Dot chart of {channels}, {spread}.",
                channels=wording.count(len(points), "channel"),
                spread=spread(one for _name, one in estimates),
            ),
            draw=partial(charts.dots, points) if points else None,
            table=Table(_columns(), [_cells(row) for row in rows]),
            definition=Definition(
                MART,
                ("silent_share", "customer_turns_mean", "updates_per_open_hour", "issue_changed_share"),
                MONTHS_POOLED,
            ),
        )
    ]


def _columns() -> tuple[Column, ...]:
    return (
        Column("month", _("Closed in month from"), "date"),
        Column("channel", _("Channel")),
        *estimate_columns(_("Cases")),
        Column("customer_turns", _("Turns a case"), "number"),
        Column("customer_turns_lower", _("95 % from"), "number"),
        Column("customer_turns_upper", _("95 % to"), "number"),
        Column("updates", _("Updates an open hour"), "number"),
        Column("issue_changed", _("Issue changed"), "share"),
    )


def _cells(row: Row) -> tuple[object, ...]:
    measures = ("customer_turns_mean", "customer_turns_mean_lower", "customer_turns_mean_upper")
    values = [row.get(name) for name in (*measures, "updates_per_open_hour", "issue_changed_share")]
    return (
        row["period_month"],
        named(row["channel"]),
        *cells(estimate_of(row, "silent_share", "recorded")),
        *(None if value is None else float(value) for value in values),
    )


def _silent(context: Context, rows: list[Row], months: set[object], channel: str) -> Estimate:
    own = [row for row in rows if row["channel"] == channel and row["period_month"] in months]
    return share(total(own, "silent"), total(own, "recorded"), context.min_cell)


def _recent(context: Context, brand: str) -> list[Row]:
    rows = [row for row in context.of("interaction", brand) if row["channel"] == "all" and row["recorded"]]
    return rows[-RECENT_MONTHS:]
