"""What customers will still buy: how sure their return is, what it is worth, and how good such forecasts have been."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

VALUE, MODELS = "rpt_customer_value", "rpt_purchase_models"
DECILES = 10
_ACCURACY = (
    Column("seen_until", N_("Known until"), "date"),
    Column("days_ahead", N_("Days ahead"), "count"),
    Column("expected_purchases", N_("Purchases expected"), "number"),
    Column("observed_purchases", N_("Purchases made"), "count"),
    Column("purchase_error", N_("Error"), "share"),
    Column("mean_absolute_error", N_("Mean error a customer"), "number"),
    Column("expected_spend", N_("Spend expected"), "number"),
    Column("observed_spend", N_("Spend made"), "number"),
    Column("spend_error", N_("Error"), "share"),
)

QUERIES = {
    "value": """
        select brand, least(floor(probability_alive * 10), 9)::integer as decile, count(*) as customers,
            sum(expected_purchases) as expected_purchases, sum(expected_spend) as expected_spend,
            min(currency) as currency, min(forecast_days) as forecast_days
        from rpt_customer_value where has_forecast group by brand, 2 order by brand, 2
    """,
    "purchase_models": """
        select brand, basis, seen_until, days_ahead, customers, repeaters, is_usable, expected_purchases,
            observed_purchases, purchase_error, mean_absolute_error, expected_spend, observed_spend, spend_error,
            min_repeaters
        from rpt_purchase_models order by brand, basis desc
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why a brand has no forecast; empty where it has one, or sells nothing to known persons."""
    models = [row for row in context.of("purchase_models", brand) if row["basis"] == "whole" and not row["is_usable"]]
    return [
        _(
            "No forecast: {customers} of {all:,} came again; a model asks for {min_repeaters} and for a fit "
            "that converges.",
            customers=wording.count(row["repeaters"], "customer"),
            all=row["customers"],
            min_repeaters=row["min_repeaters"],
        )
        for row in models
    ]


def headlines(context: Context, brand: str) -> list[Headline]:
    """Expected purchases a customer, and the error of the forecast made before the hold-out."""
    rows, models = context.of("value", brand), context.of("purchase_models", brand)
    customers = sum(row["customers"] for row in rows)
    if not rows:
        return []
    errors = [
        _(
            "No interval; the forecast of {day} was off by {purchase_error:+.1%}",
            day=wording.day(row["seen_until"]),
            purchase_error=row["purchase_error"],
        )
        for row in models
        if row["purchase_error"] is not None
    ]
    mean = sum(float(row["expected_purchases"]) for row in rows) / customers
    return [
        Headline(
            label=_("Purchases expected per customer in {forecast_days} days", forecast_days=rows[0]["forecast_days"]),
            metric=f"{VALUE}.expected_purchases",
            unit="number",
            estimate=Estimate(mean, None, None, customers),
            observed=_("customers"),
            sentence=_("Forecast from how often and how lately each of them bought."),
            definition=Definition(VALUE, ("expected_purchases", "probability_alive", "forecast_days"), ""),
            uncertainty=errors[0] if errors else _("No interval, and no hold-out to judge it by"),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The charts of a brand that has a forecast."""
    rows, models = context.of("value", brand), context.of("purchase_models", brand)
    judged = [row for row in models if row["observed_purchases"] is not None]
    return ([_returning(rows)] if rows else []) + ([_accuracy(judged)] if judged else [])


def _returning(rows: list[Row]) -> Figure:
    customers = sum(row["customers"] for row in rows)
    currency = one_line(rows[0]["currency"] or "")
    by_decile = {row["decile"]: row for row in rows}
    bars = [_bar(decile, by_decile.get(decile), customers) for decile in reversed(range(DECILES))]
    sure = sum(row["customers"] for row in rows if row["decile"] >= DECILES // 2)
    return Figure(
        slug="customer-value",
        title=_("Who is still a customer?"),
        text=_(
            "Customers by the probability that they have not left for good. Nobody says goodbye: the longer somebody "
            "who used to come often stays away, the less likely a return."
        ),
        alt=_(
            "Bars of {customers} by their probability to be customers still; {sure:,} have one of a half or more.",
            customers=wording.count(customers, "customer"),
            sure=sure,
        ),
        draw=partial(charts.dots, bars, has_bars=True),
        table=Table(
            (
                Column("probability_from", _("Probability from"), "share"),
                Column("customers", _("Customers"), "count"),
                Column("expected_purchases", _("Purchases expected"), "number"),
                Column(
                    "expected_spend",
                    _("Spend expected, {currency}", currency=currency) if currency else _("Spend expected"),
                    "number",
                ),
            ),
            [
                (row["decile"] / DECILES, row["customers"], row["expected_purchases"], row["expected_spend"])
                for row in rows
            ],
        ),
        definition=Definition(
            VALUE, ("probability_alive", "expected_purchases", "expected_spend_per_purchase", "expected_spend"), ""
        ),
    )


def _bar(decile: int, row: Row | None, customers: int) -> dict[str, object]:
    count = row["customers"] if row else 0
    label = _("{low} to {high} %", low=decile * DECILES, high=(decile + 1) * DECILES)
    share = count / customers
    return {"x": "", "label": label, "value": share, "lower": share, "upper": share, "text": f"{count:,}"}


def _accuracy(rows: list[Row]) -> Figure:
    return Figure(
        slug="forecast-accuracy",
        title=_("How good have such forecasts been?"),
        text=_("The same models, fitted to what was known at the start of the hold-out, against what came."),
        alt="",
        table=Table(
            _ACCURACY,
            [tuple(row[column.name] for column in _ACCURACY) for row in rows],
        ),
        definition=Definition(MODELS, ("purchase_error", "mean_absolute_error", "spend_error", "days_ahead"), ""),
    )
