"""What serving costs by month and by segment, and what customers pay against the price asked."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.breakdowns import LATEST_YEAR, trends
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    one_line,
    spread,
    timeline,
)
from touchline.reports.published import Row
from touchline.reports.words import N_, _

PNL, VALUE = "rpt_service_pnl", "rpt_delivered_value"

_IS_OVER = "period_month + interval '1 month' <= as_of at time zone 'UTC' as is_over"
_IS_RECENT = f"period_month > as_of at time zone 'UTC' - {LATEST_YEAR}"
_AMOUNTS = """
    period_month, segment_code, currency, sales, net_sales, uncosted_sales, cost_of_goods, uncosted_contacts,
    contact_cost, refunds, compensation, delivery_cost, service_cost, buyers, service_cost_share,
    service_cost_share_lower, service_cost_share_upper, margin_after_service
"""
_PRICES = """
    period_month, segment_code, currency, sales, priced_sales, buyers, realised_value, dated_value, price_premium,
    price_premium_lower, price_premium_upper, episodes, touches_mean, waiting_seconds_mean
"""
QUERIES = {
    "service_pnl": f"""
        select brand, {_AMOUNTS}, {_IS_OVER}
        from rpt_service_pnl inner join horizons using (brand)
        where segment_code = 'all' order by brand, period_month, currency collate "C"
    """,
    "service_segments": f"""
        select brand, {_AMOUNTS}, {_IS_OVER}
        from rpt_service_pnl inner join horizons using (brand)
        where segment_code <> 'all' and sales > 0 and {_IS_RECENT}
        order by brand, segment_code collate "C", period_month, currency collate "C"
    """,
    "delivered_value": f"""
        select brand, {_PRICES}, {_IS_OVER} from rpt_delivered_value inner join horizons using (brand)
        where segment_code = 'all' order by brand, period_month, currency collate "C"
    """,
    "delivered_segments": f"""
        select brand, {_PRICES} from rpt_delivered_value inner join horizons using (brand)
        where segment_code <> 'all' and priced_sales > 0 and {_IS_RECENT}
        order by brand, segment_code collate "C", period_month, currency collate "C"
    """,
}

_SEGMENT = Column("segment", N_("Segment"))

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
    latest = _latest(segments)
    drawn = [_months(pnl, segments)] if any(row["sales"] for row in pnl) else []
    drawn += [_segments(latest)] if latest else []
    premium = main_currency(context.of("delivered_segments", brand))
    return [*drawn, _premium(value, premium)] if any(row["priced_sales"] for row in value) else drawn


def _latest(rows: list[Row]) -> list[Row]:
    """Segments in the latest month that is over."""
    last = max((row["period_month"] for row in rows if row["is_over"]), default=None)
    return [row for row in rows if row["period_month"] == last]


def _by_month(rows: Iterable[Row], measure: str) -> dict[date, Estimate]:
    return {row["period_month"]: estimate_of(row, measure, "buyers") for row in rows}


def _by_segment(rows: list[Row], measure: str) -> dict[str, dict[date, Estimate]]:
    groups = groupby(rows, key=lambda row: named(row["segment_code"]))
    return {segment: _by_month(own, measure) for segment, own in groups}


def _months(rows: list[Row], segments: list[Row]) -> Figure:
    estimates, label = _by_month(rows, "service_cost_share"), _("Cost of service ÷ sales")
    return Figure(
        slug="service-cost",
        title=_("How much of what we sell does service take?"),
        text=_(
            "Contacts, refunds, compensations and deliveries as a share of sales, by month; in the table what is left "
            "after goods and service, in {currency}. The first and last month may be parts of one.",
            currency=one_line(rows[-1]["currency"]),
        ),
        alt=_("Line chart of the cost of service by month, {spread} of sales.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=label, step="month"),
        table=_amounts_table([*rows, *segments], Column("month", _("Month from"), "date"), _SEGMENT),
        definition=Definition(PNL, ("service_cost_share", "net_sales", "service_cost", "margin_after_service"), ""),
        instead=trends("segment", estimates, _by_segment(segments, "service_cost_share"), label),
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
        table=_amounts_table(rows, _SEGMENT),
        definition=Definition(PNL, ("segment_code", "service_cost_share", "margin_after_service"), ""),
    )


def _amounts_table(rows: list[Row], *keys: Column) -> Table:
    """What is spent and left, by the month, the segment, or both."""
    return Table(
        (
            *keys,
            *estimate_columns(_("Buyers")),
            *(Column(part, label, "count") for part, label in PARTS.items()),
            Column("uncosted_sales", _("Sales without unit cost"), "count"),
            Column("uncosted_contacts", _("Contacts of unknown cost"), "count"),
        ),
        [
            (
                *(row["period_month"] if key.name == "month" else named(row["segment_code"]) for key in keys),
                *cells(estimate_of(row, "service_cost_share", "buyers")),
                *(None if row[part] is None else round(row[part]) for part in PARTS),
                row["uncosted_sales"],
                row["uncosted_contacts"],
            )
            for row in rows
        ],
    )


def _premium(rows: list[Row], segments: list[Row]) -> Figure:
    estimates, label = _by_month(rows, "price_premium"), _("Paid ÷ asked - 1")
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
        draw=partial(charts.trend, timeline(estimates, "month"), label=label, step="month"),
        table=Table(
            (
                Column("month", _("Month from"), "date"),
                _SEGMENT,
                *estimate_columns(_("Buyers")),
                Column("priced_sales", _("Sales with a dated price"), "count"),
                Column("episodes", _("Episodes"), "count"),
                Column("touches", _("Touches each"), "number"),
                Column("waiting", _("Waiting each"), "seconds"),
            ),
            [
                (
                    row["period_month"],
                    named(row["segment_code"]),
                    *cells(estimate_of(row, "price_premium", "buyers")),
                    row["priced_sales"],
                    row["episodes"],
                    row["touches_mean"],
                    row["waiting_seconds_mean"],
                )
                for row in [*rows, *segments]
            ],
        ),
        definition=Definition(VALUE, ("price_premium", "realised_value", "dated_value", "touches_mean"), ""),
        instead=trends("segment", estimates, _by_segment(segments, "price_premium"), label),
    )
