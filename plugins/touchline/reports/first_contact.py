"""First-contact resolution: do customers have to come back about the same matter?"""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.breakdowns import LATEST_YEAR, SHOWN_MONTHS, trends
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Instead, Table
from touchline.reports.context import (
    RECENT_MONTHS,
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
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
    "first_contact_channels": f"""
        select brand, channel, period_month, closed_windows, without_return, channel_leakage, first_contact_resolution,
            first_contact_resolution_lower, first_contact_resolution_upper
        from rpt_first_contact_resolution inner join (
            select brand, max(period_month) as last_month from rpt_first_contact_resolution
            where closed_windows > 0 group by brand
        ) as latest using (brand)
        where channel <> 'all' and issue_code = 'all' and closed_windows > 0
            and period_month > last_month - {LATEST_YEAR}
        order by brand, channel collate "C", period_month
    """,
    "first_contact_issues": f"""
        select * from (
            select brand, channel, issue_code, sum(closed_windows)::bigint as closed_windows,
                sum(without_return)::bigint as without_return, sum(channel_leakage)::bigint as channel_leakage,
                row_number() over (
                    partition by brand, channel order by sum(closed_windows) desc, issue_code collate "C"
                ) as place
            from rpt_first_contact_resolution
            where issue_code <> 'all' and closed_windows > 0
            group by brand, channel, issue_code
        ) as issues
        where channel = 'all' or place <= {SHOWN_ISSUES}
        order by brand, channel <> 'all', channel collate "C", place
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
    """By month, by channel and by issue; none without a closed window."""
    months, channels = context.of("first_contacts", brand), context.of("first_contact_channels", brand)
    if not months:
        return []
    issues = context.of("first_contact_issues", brand)
    found = [_months(months, channels)]
    found += [_channels(context, channels)] if channels else []
    return [*found, _issues(context, issues)] if issues else found


def _months(rows: list[Row], channels: list[Row]) -> Figure:
    of_all = _by_month(rows)
    of_each = {channel: _by_month(months) for channel, months in _by_channel(channels).items()}
    label = _("No further contact")
    return Figure(
        slug="first-contact-resolution",
        title=_("Is it solved the first time?"),
        text=_(
            "Share of first contacts without a further one about the same issue. Silence is not satisfaction: some "
            "who do not return have given up."
        ),
        alt=_("Line chart of first-contact resolution by month, {spread}.", spread=spread(of_all.values())),
        draw=partial(charts.trend, timeline(of_all, "month"), label=label, step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                Column("channel", _("Channel")),
                *estimate_columns(_("Closed windows")),
            ),
            [
                (month, channel, *cells(estimate))
                for channel, months in ({_("all"): of_all} | of_each).items()
                for month, estimate in months.items()
            ],
        ),
        definition=_definition("first_contact_resolution", "closed_windows", "without_return"),
        instead=trends("channel", of_all, of_each, label),
    )


def _by_month(rows: list[Row]) -> dict[date, Estimate]:
    return {row["period_month"]: estimate_of(row, "first_contact_resolution", "closed_windows") for row in rows}


def _by_channel(rows: list[Row]) -> dict[str, list[Row]]:
    return {channel: list(own) for channel, own in groupby(rows, key=lambda row: named(row["channel"]))}


def _channels(context: Context, rows: list[Row]) -> Figure:
    estimates = [
        (channel, share(total(own, "without_return"), total(own, "closed_windows"), context.min_cell), own)
        for channel, own in _by_channel(rows).items()
    ]
    points = [dot(f"{name}\nn = {one.n:,}", one) for name, one, _own in estimates if one.value is not None]
    return Figure(
        slug="first-contact-channels",
        title=_("In which channel is it solved the first time?"),
        text=_(
            "By the channel of the first contact, over the latest {months} months; the customer may have come back "
            "over any channel. Each channel gets other matters: compare with care.",
            months=SHOWN_MONTHS,
        ),
        alt=_(
            "Dot chart of first-contact resolution of {channels}, {spread}.",
            channels=wording.count(len(points), "channel"),
            spread=spread(one for _name, one, _own in estimates),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("channel", _("Channel")),
                *estimate_columns(_("Closed windows")),
                Column("channel_leakage", _("Came back elsewhere"), "count"),
            ),
            [(name, *cells(one), total(own, "channel_leakage")) for name, one, own in estimates],
        ),
        definition=_definition("channel", "first_contact_resolution", "channel_leakage"),
    )


def _issues(context: Context, rows: list[Row]) -> Figure:
    groups = {channel: _shares(context, own) for channel, own in _by_channel(rows).items()}
    shown = {channel: _shown(issues) for channel, issues in groups.items()}
    of_all = shown.pop(_("all"), [])
    return Figure(
        slug="issues",
        title=_("Which matters bring customers back?"),
        text=_(
            "First-contact resolution by issue over all months, most frequent first. The table also counts contacts "
            "that look solved in their own channel while the customer came back through another."
        ),
        alt=_described(of_all),
        draw=_dots(of_all),
        table=Table(
            (
                Column("issue_code", _("Issue")),
                Column("channel", _("Channel")),
                *estimate_columns(_("Closed windows")),
                Column("channel_leakage", _("Came back elsewhere"), "count"),
            ),
            [
                (issue, channel, *cells(estimate), row["channel_leakage"])
                for channel, issues in groups.items()
                for issue, estimate, row in issues
            ],
        ),
        definition=_definition("issue_code", "first_contact_resolution", "channel_leakage"),
        instead=[
            Instead("channel", channel, _described(issues), draw)
            for channel, issues in shown.items()
            if (draw := _dots(issues))
        ],
    )


def _shares(context: Context, rows: list[Row]) -> list[tuple[str, Estimate, Row]]:
    return [
        (one_line(row["issue_code"]), share(row["without_return"], row["closed_windows"], context.min_cell), row)
        for row in rows
    ]


def _shown(issues: list[tuple[str, Estimate, Row]]) -> list[tuple[str, Estimate]]:
    return [(issue, estimate) for issue, estimate, _row in issues if estimate.value is not None][:SHOWN_ISSUES]


def _dots(shown: list[tuple[str, Estimate]]) -> Callable[[int], Any] | None:
    points = [dot(f"{issue}\nn = {estimate.n:,}", estimate) for issue, estimate in shown]
    return partial(charts.dots, points) if points else None


def _described(shown: list[tuple[str, Estimate]]) -> str:
    return _(
        "Dot chart of first-contact resolution of {issues}, {spread}.",
        issues=wording.count(len(shown), "issue"),
        spread=spread(estimate for _issue, estimate in shown),
    )


def _definition(*columns: str) -> Definition:
    return Definition(
        MART, columns, _("Months are pooled by summing contacts with a closed window; the interval is Wilson's.")
    )


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
