"""First-contact resolution: do customers have to come back about the same matter?"""

from datetime import date
from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import (
    RECENT_MONTHS,
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    one_line,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import _

MART = "rpt_first_contact_resolution"
SHOWN_ISSUES = 12

QUERIES = {
    "first_contacts": """
        select brand, period_month, closed_windows, without_return, channel_leakage, first_contact_resolution,
            first_contact_resolution_lower, first_contact_resolution_upper, window_days
        from rpt_first_contact_resolution
        where channel = 'all' and issue_code = 'all' and closed_windows > 0
        order by brand, period_month
    """,
    "first_contact_issues": """
        select brand, issue_code, sum(closed_windows)::bigint as closed_windows,
            sum(without_return)::bigint as without_return, sum(channel_leakage)::bigint as channel_leakage
        from rpt_first_contact_resolution
        where channel = 'all' and issue_code <> 'all' and closed_windows > 0
        group by brand, issue_code
        order by brand, sum(closed_windows) desc, issue_code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """First contacts of the latest months without a return; none without a closed window."""
    rows = context.of("first_contacts", brand)
    if not rows:
        return []
    recent = [row for row in rows if _months_between(row["period_month"], rows[-1]["period_month"]) < RECENT_MONTHS]
    solved, closed = total(recent, "without_return"), total(recent, "closed_windows")
    estimate = share(solved, closed, context.min_cell)
    days = recent[0]["window_days"]
    period = wording.months(recent[0]["period_month"], recent[-1]["period_month"])
    return [
        Headline(
            label=_("Solved at first contact"),
            metric=f"{MART}.first_contact_resolution",
            unit="share",
            estimate=estimate,
            observed=_("first contacts with a closed window"),
            sentence=_(
                "After {solved:,} of {closed:,} first contacts the customer did not come back within {days} days, "
                "over any channel ({period}).",
                solved=solved,
                closed=closed,
                days=days,
                period=period,
            ),
            definition=_definition("first_contact_resolution"),
            missing=context.too_few(estimate, _("first contacts")),
            page="contact-centre",
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """By month and by issue; none without a closed window."""
    months = context.of("first_contacts", brand)
    issues = context.of("first_contact_issues", brand)
    return ([_months(months)] if months else []) + ([_issues(context, issues)] if issues else [])


def _months(rows: list[Row]) -> Figure:
    estimates = {row["period_month"]: estimate_of(row, "first_contact_resolution", "closed_windows") for row in rows}
    points = timeline(estimates, "month")
    return Figure(
        slug="first-contact-resolution",
        title=_("Is it solved the first time?"),
        text=_(
            "Share of first contacts without a further one about the same issue. Silence is not satisfaction: some "
            "who do not return have given up."
        ),
        alt=_("Line chart of first-contact resolution by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, points, label=_("No further contact"), step="month"),
        table=Table(
            (Column("month", _("Month from"), "date"), *estimate_columns(_("Closed windows"))),
            [(month, *cells(estimate)) for month, estimate in estimates.items()],
        ),
        definition=_definition("first_contact_resolution", "closed_windows", "without_return"),
    )


def _issues(context: Context, rows: list[Row]) -> Figure:
    estimates = [
        (
            one_line(row["issue_code"]),
            share(row["without_return"], row["closed_windows"], context.min_cell),
            row,
        )
        for row in rows
    ]
    shown = [(label, estimate) for label, estimate, _ in estimates if estimate.value is not None][:SHOWN_ISSUES]
    points = [dot(f"{label}\nn = {estimate.n:,}", estimate) for label, estimate in shown]
    return Figure(
        slug="issues",
        title=_("Which matters bring customers back?"),
        text=_(
            "First-contact resolution by issue over all months, most frequent first. The table also counts contacts "
            "that look solved in their own channel while the customer came back through another."
        ),
        alt=_(
            "Dot chart of first-contact resolution of {issues}, {spread}.",
            issues=wording.count(len(shown), "issue"),
            spread=spread(estimate for _, estimate in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("issue_code", _("Issue")),
                *estimate_columns(_("Closed windows")),
                Column("channel_leakage", _("Came back elsewhere"), "count"),
            ),
            [(label, *cells(estimate), row["channel_leakage"]) for label, estimate, row in estimates],
        ),
        definition=_definition("issue_code", "first_contact_resolution", "channel_leakage"),
    )


def _definition(*columns: str) -> Definition:
    return Definition(
        MART, columns, _("Months are pooled by summing contacts with a closed window; the interval is Wilson's.")
    )


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
