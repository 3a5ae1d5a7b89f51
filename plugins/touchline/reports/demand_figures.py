"""Failure demand: the contacts that would not have been needed, by month and by cause."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from itertools import groupby

from touchline.reports import charts
from touchline.reports.breakdowns import LATEST_YEAR, trends
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_failure_demand"

CAUSES = {
    "complaint": N_("Complaint"),
    "broken_promise": N_("Promise not kept"),
    "chase": N_("Chasing an open case"),
    "repeat": N_("Came back about it"),
}
"""In the order in which a contact is put down to one of them."""

_COLUMNS = """
    brand, period_month, channel, cause, contacts_of_unknown, contacts, failure_contacts, failure_share,
    failure_share_lower, failure_share_upper, labour_hours, failure_cost, uncosted_contacts, currency
"""
QUERIES = {
    "failure_demand": f"""
        select {_COLUMNS} from rpt_failure_demand
        where channel = 'all' order by brand, period_month, cause collate "C"
    """,
    "failure_demand_channels": f"""
        select {_COLUMNS} from rpt_failure_demand
        inner join (select brand, max(period_month) as last_month from rpt_failure_demand group by brand) as latest
            using (brand)
        where channel <> 'all' and cause = 'all' and period_month > last_month - {LATEST_YEAR}
        order by brand, channel collate "C", period_month
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """Months and causes; nothing where no contact was delivered."""
    rows = context.of("failure_demand", brand)
    channels = context.of("failure_demand_channels", brand)
    return [_months(rows, channels), _causes(context, rows)] if rows else []


def _months(rows: list[Row], channels: list[Row]) -> Figure:
    months, label = [row for row in rows if row["cause"] == "all"], _("Caused by failure")
    estimates = _by_month(months)
    of_each = {channel: _by_month(own) for channel, own in groupby(channels, key=lambda row: named(row["channel"]))}
    return Figure(
        slug="failure-demand",
        title=_("How many contacts would not have been needed?"),
        text=_(
            "Share of inbound contacts of known persons that something gone wrong caused, by month. Contacts of "
            "unknown persons are counted in the table; what came before them nobody knows."
        ),
        alt=_("Line chart of failure demand by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=label, step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                Column("channel", _("Channel")),
                *estimate_columns(_("Contacts")),
                Column("contacts_of_unknown", _("Of unknown persons"), "count"),
                Column("labour_hours", _("Hours"), "number"),
                Column("failure_cost", _("Cost"), "number"),
            ),
            [
                (
                    row["period_month"],
                    named(row["channel"]),
                    *cells(_estimate(row)),
                    row["contacts_of_unknown"],
                    float(row["labour_hours"]),
                    float(row["failure_cost"]),
                )
                for row in [*months, *channels]
            ],
        ),
        definition=Definition(MART, ("failure_share", "contacts", "labour_hours", "failure_cost"), ""),
        instead=trends("channel", estimates, of_each, label),
    )


def _estimate(row: Row) -> Estimate:
    return estimate_of(row, "failure_share", "contacts")


def _by_month(rows: Iterable[Row]) -> dict[date, Estimate]:
    return {row["period_month"]: _estimate(row) for row in rows}


def _causes(context: Context, rows: list[Row]) -> Figure:
    groups = [
        _group(context, _(label), [row for row in rows if row["cause"] == cause]) for cause, label in CAUSES.items()
    ]
    points = [dot(label, estimate) for label, estimate, _ in groups if estimate.value is not None]
    return Figure(
        slug="causes-of-contacts",
        title=_("What caused them?"),
        text=_(
            "Share of all contacts by cause, over all months. A contact has one cause, the first of the list that "
            "holds."
        ),
        alt=_("Dot chart of four causes, {spread}.", spread=spread(estimate for _, estimate, _ in groups)),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("cause", _("Cause")),
                *estimate_columns(_("Contacts")),
                Column("failure_contacts", _("Caused"), "count"),
                Column("labour_hours", _("Hours"), "number"),
                Column("failure_cost", _("Cost"), "number"),
                Column("uncosted_contacts", _("Of unknown cost"), "count"),
            ),
            [
                (
                    label,
                    *cells(estimate),
                    total(of_cause, "failure_contacts"),
                    float(sum(row["labour_hours"] for row in of_cause)),
                    float(sum(row["failure_cost"] for row in of_cause)),
                    total(of_cause, "uncosted_contacts"),
                )
                for label, estimate, of_cause in groups
            ],
        ),
        definition=Definition(
            MART,
            ("cause", "failure_share", "failure_cost", "uncosted_contacts"),
            _("All months are pooled by summing counts; the interval is Wilson's."),
        ),
    )


def _group(context: Context, label: str, rows: list[Row]) -> tuple[str, Estimate, list[Row]]:
    caused, contacts = total(rows, "failure_contacts"), total(rows, "contacts")
    return label, share(caused, contacts, context.min_cell), rows
