"""What serving costs by month and by segment, and what customers pay against the price asked."""

from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread, timeline
from touchline.reports.published import Row
from touchline.reports.words import N_, _

PNL, VALUE = "rpt_service_pnl", "rpt_delivered_value"

_IS_OVER = "period_month + interval '1 month' <= as_of at time zone 'UTC' as is_over"
_AMOUNTS = """
    period_month, segment_code, currency, sales, net_sales, uncosted_sales, cost_of_goods, uncosted_contacts,
    contact_cost, refunds, compensation, delivery_cost, service_cost, buyers, service_cost_share,
    service_cost_share_lower, service_cost_share_upper, margin_after_service
"""
QUERIES = {
    "service_pnl": f"""
        select brand, {_AMOUNTS}, {_IS_OVER}
        from rpt_service_pnl inner join horizons using (brand)
        where segment_code = 'all' order by brand, period_month, currency collate "C"
    """,
    "service_segments": f"""
        select * from (
            select brand, {_AMOUNTS}, rank() over (partition by brand order by period_month desc) as recency
            from rpt_service_pnl inner join horizons using (brand)
            where period_month + interval '1 month' <= as_of at time zone 'UTC'
        ) as months
        where recency = 1 and segment_code <> 'all' and sales > 0 order by brand, segment_code collate "C", currency
    """,
    "delivered_value": f"""
        select brand, period_month, currency, sales, priced_sales, buyers, realised_value, dated_value, price_premium,
            price_premium_lower, price_premium_upper, episodes, touches_mean, waiting_seconds_mean, {_IS_OVER}
        from rpt_delivered_value inner join horizons using (brand)
        where segment_code = 'all' order by brand, period_month, currency collate "C"
    """,
}

PARTS = {
    "net_sales": N_("Sales"),
    "cost_of_goods": N_("Goods"),
    "contact_cost": N_("Contacts"),
    "refunds": N_("Refunds"),
    "compensation": N_("Compensation"),
    "delivery_cost": N_("Delivery"),
    "margin_after_service": N_("Margin after"),
}


def amount(value: Any, currency: str) -> str:
    """An amount with its currency, or the sign of an unknown one."""
    return wording.NONE if value is None else f"{value:,.0f}{wording.THIN}{one_line(currency)}"


def main_currency(rows: list[Row]) -> list[Row]:
    """The rows in the currency that most sales are in: amounts of different currencies are never added."""
    sales: dict[str, int] = {}
    for row in rows:
        sales[row["currency"]] = sales.get(row["currency"], 0) + row["sales"]
    main = max(sorted(sales), key=lambda currency: sales[currency], default=None)
    return [row for row in rows if row["currency"] == main]


def figures(context: Context, brand: str) -> list[Figure]:
    """Months, segments and prices; nothing where nothing was sold."""
    pnl, value = (main_currency(context.of(query, brand)) for query in ("service_pnl", "delivered_value"))
    segments = main_currency(context.of("service_segments", brand))
    drawn = [_months(pnl)] if any(row["sales"] for row in pnl) else []
    drawn += [_segments(segments)] if segments else []
    return [*drawn, _premium(value)] if any(row["priced_sales"] for row in value) else drawn


def _months(rows: list[Row]) -> Figure:
    estimates = {row["period_month"]: estimate_of(row, "service_cost_share", "buyers") for row in rows}
    return Figure(
        slug="service-cost",
        title=_("How much of what we sell does service take?"),
        text=_(
            "Contacts, refunds, compensations and deliveries as a share of sales, by month; in the table what is left "
            "after goods and service, in {currency}. The first and last month may be parts of one.",
            currency=one_line(rows[-1]["currency"]),
        ),
        alt=_("Line chart of the cost of service by month, {spread} of sales.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Cost of service ÷ sales"), step="month"),
        table=_amounts_table(rows, "period_month", Column("month", _("Month from"), "date")),
        definition=Definition(PNL, ("service_cost_share", "net_sales", "service_cost", "margin_after_service"), ""),
    )


def _segments(rows: list[Row]) -> Figure:
    estimates = {row["segment_code"]: estimate_of(row, "service_cost_share", "buyers") for row in rows}
    points = [dot(one_line(name), estimate) for name, estimate in estimates.items() if estimate.value is not None]
    month = wording.month(rows[0]["period_month"])
    return Figure(
        slug="service-cost-by-segment",
        title=_("Whom does service cost most?"),
        text=_(
            "The same by the segment the customer was in that day, in {month}. Unknown are customers without a "
            "segment and sales and contacts of persons nobody could name.",
            month=month,
        ),
        alt=_(
            "Dot chart of {segments}, {spread} of sales.",
            segments=wording.count(len(rows), "segment"),
            spread=spread(estimates.values()),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=_amounts_table(rows, "segment_code", Column("segment", _("Segment"))),
        definition=Definition(PNL, ("segment_code", "service_cost_share", "margin_after_service"), ""),
    )


def _amounts_table(rows: list[Row], key: str, column: Column) -> Table:
    return Table(
        (
            column,
            *estimate_columns(_("Buyers")),
            *(Column(part, label, "count") for part, label in PARTS.items()),
            Column("uncosted_sales", _("Sales without unit cost"), "count"),
            Column("uncosted_contacts", _("Contacts of unknown cost"), "count"),
        ),
        [
            (
                row[key],
                *cells(estimate_of(row, "service_cost_share", "buyers")),
                *(None if row[part] is None else round(row[part]) for part in PARTS),
                row["uncosted_sales"],
                row["uncosted_contacts"],
            )
            for row in rows
        ],
    )


def _premium(rows: list[Row]) -> Figure:
    estimates = {row["period_month"]: estimate_of(row, "price_premium", "buyers") for row in rows}
    return Figure(
        slug="price-premium",
        title=_("Do customers pay what we ask?"),
        text=_(
            "What goods brought against the price asked for them that day, by month: below zero they were given away, "
            "above it customers paid more. The table has the other side of the bargain: what an episode of service "
            "took of the customer."
        ),
        alt=_(
            "Line chart of the price realised by month, {spread} against the dated price.",
            spread=spread(estimates.values()),
        ),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Paid ÷ asked - 1"), step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                *estimate_columns(_("Buyers")),
                Column("priced_sales", _("Sales with a dated price"), "count"),
                Column("episodes", _("Episodes"), "count"),
                Column("touches", _("Touches each"), "number"),
                Column("waiting", _("Waiting each"), "seconds"),
            ),
            [
                (
                    row["period_month"],
                    *cells(estimates[row["period_month"]]),
                    row["priced_sales"],
                    row["episodes"],
                    row["touches_mean"],
                    row["waiting_seconds_mean"],
                )
                for row in rows
            ],
        ),
        definition=Definition(VALUE, ("price_premium", "realised_value", "dated_value", "touches_mean"), ""),
    )
