"""Who bought lately and often, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, one_line, total
from touchline.reports.published import Row
from touchline.reports.words import _

RFM = "rpt_rfm"

QUERIES = {
    "rfm": """
        select brand, recency_score, frequency_score, max(currency) as currency, count(*) as customers,
            cast(sum(spend) / count(*) as double precision) as spend,
            min(recency_days) as days_from, max(recency_days) as days_to, min(purchases) as purchases_from,
            max(purchases) as purchases_to
        from rpt_rfm where recency_score is not null
        group by brand, recency_score, frequency_score order by brand, recency_score desc, frequency_score
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why nobody is ranked."""
    if context.of("rfm", brand):
        return []
    return [_("No recency, frequency and spend: too few known persons of this brand bought anything.")]


def headlines(_context: Context, _brand: str) -> list[Headline]:
    """None: ranks are fifths by definition."""
    return []


def figures(context: Context, brand: str) -> list[Figure]:
    """Customers by fifth of recency and of frequency."""
    rows = context.of("rfm", brand)
    return [_grid(rows)] if rows else []


def _grid(rows: list[Row]) -> Figure:
    customers = total(rows, "customers")
    steps = charts.thresholds(max(row["customers"] for row in rows) / customers)
    points = [
        {
            "x": str(row["frequency_score"]),
            "y": _("bought lately: {recency_score}", recency_score=row["recency_score"]),
            "shade": charts.shade(row["customers"] / customers, steps),
            "text": f"{row['customers']:,}",
        }
        for row in rows
    ]
    currency = one_line(rows[0]["currency"] or "")
    return Figure(
        slug="rfm",
        title=_("Who bought lately, and who often?"),
        text=_(
            "{customers} by fifth of how lately (5: latest) and how often (5: most often) they bought, among all who "
            "ever did. A fifth says who stands before whom, not how far; the table has the days and purchases behind "
            "it.",
            customers=wording.count(customers, "customer"),
        ),
        alt=_(
            "Heat map of {customers} by recency and frequency of purchase.",
            customers=wording.count(customers, "customer"),
        ),
        draw=partial(charts.grid, points, x_title=_("Bought often: fifth")),
        table=Table(
            (
                Column("fifths", _("Recency, frequency")),
                Column("customers", _("Customers"), "count"),
                Column("days_from", _("Days ago from"), "count"),
                Column("days_to", _("to"), "count"),
                Column("purchases_from", _("Purchases from"), "count"),
                Column("purchases_to", _("to"), "count"),
                Column("spend", _("Mean spend {currency}", currency=currency).strip(), "number"),
            ),
            [
                (
                    f"{row['recency_score']}, {row['frequency_score']}",
                    row["customers"],
                    row["days_from"],
                    row["days_to"],
                    row["purchases_from"],
                    row["purchases_to"],
                    row["spend"],
                )
                for row in rows
            ],
        ),
        definition=Definition(RFM, ("recency_score", "frequency_score", "monetary_score", "customers"), ""),
    )
