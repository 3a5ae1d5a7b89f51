"""Failure demand: the contacts that would not have been needed, by month and by cause."""

from functools import partial

from touchline.reports import charts
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, spread, timeline, total
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

QUERIES = {
    "failure_demand": """
        select brand, period_month, cause, contacts_of_unknown, contacts, failure_contacts, failure_share,
            failure_share_lower, failure_share_upper, labour_hours, failure_cost, uncosted_contacts, currency
        from rpt_failure_demand where channel = 'all' order by brand, period_month, cause collate "C"
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """Months and causes; nothing where no contact was delivered."""
    rows = context.of("failure_demand", brand)
    return [_months(rows), _causes(context, rows)] if rows else []


def _months(rows: list[Row]) -> Figure:
    months = [row for row in rows if row["cause"] == "all"]
    estimates = {row["period_month"]: estimate_of(row, "failure_share", "contacts") for row in months}
    return Figure(
        slug="failure-demand",
        title=_("How many contacts would not have been needed?"),
        text=_(
            "Share of inbound contacts of known persons that something gone wrong caused, by month. Contacts of "
            "unknown persons are counted in the table; what came before them nobody knows."
        ),
        alt=_("Line chart of failure demand by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Caused by failure"), step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                *estimate_columns(_("Contacts")),
                Column("contacts_of_unknown", _("Of unknown persons"), "count"),
                Column("labour_hours", _("Hours"), "number"),
                Column("failure_cost", _("Cost"), "number"),
            ),
            [
                (
                    row["period_month"],
                    *cells(estimates[row["period_month"]]),
                    row["contacts_of_unknown"],
                    float(row["labour_hours"]),
                    float(row["failure_cost"]),
                )
                for row in months
            ],
        ),
        definition=Definition(MART, ("failure_share", "contacts", "labour_hours", "failure_cost"), ""),
    )


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
