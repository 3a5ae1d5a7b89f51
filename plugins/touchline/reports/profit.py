"""Service as a business: what serving costs and leaves, what customers pay for it, and whether the chain holds."""

from datetime import datetime

from touchline.reports import chain_figures, flywheel_figures, profit_figures, wording
from touchline.reports.content import Definition, Estimate, Headline, Page, Section
from touchline.reports.context import Context, estimate_of
from touchline.reports.profit_figures import PNL, VALUE, amount, main_currency
from touchline.reports.published import Row
from touchline.reports.words import _

QUERIES = profit_figures.QUERIES | chain_figures.QUERIES | flywheel_figures.QUERIES


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="service-profit",
        name=_("The service-profit chain"),
        title=_("Does service pay, and where does the chain break?"),
        lead=_(
            "What serving costs beside what it brings, by customer segment, for only the customer joins a sale with "
            "the call about it. Headline figures are those of the latest month that is over. Parts that no source "
            "records are named and never counted as nothing. Links of the chain are associations: nobody drew lots."
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    pnl, value = (main_currency(context.of(query, brand)) for query in ("service_pnl", "delivered_value"))
    headlines = [*_after_service(context, pnl), *_premium(context, value)]
    figures, missing = profit_figures.figures(context, brand), _missing(pnl, value)
    for part in (chain_figures, flywheel_figures):
        headlines += part.headlines(context, brand)
        figures += part.figures(context, brand)
        missing += part.missing(context, brand)
    return Section(brand, as_of, headlines, figures, missing)


def _missing(pnl: list[Row], value: list[Row]) -> list[str]:
    """What the figures lack, in words."""
    if not any(row["sales"] for row in pnl):
        return [_("No sales: without them nothing says what service brings.")]
    absent = []
    if uncosted := sum(row["uncosted_sales"] for row in pnl):
        absent.append(
            _(
                "No margin for some months: the unit cost of goods is unknown for {sales} (pos products, unit_cost).",
                sales=wording.count(uncosted, "sale"),
            )
        )
    parts = {
        "contact_cost": _(
            "No cost of contacts: no source of this brand delivered calls, messages or cases of known length."
        ),
        "compensation": _("No compensations: no recovery of this brand tells what was given."),
        "delivery_cost": _("No cost of delivery: no sale of this brand tells it."),
    }
    absent += [text for part, text in parts.items() if not any(row[part] is not None for row in pnl)]
    if not any(row["priced_sales"] for row in value):
        absent.append(_("No premium: no source of this brand delivered dated prices (pos prices)."))
    return absent


def _after_service(context: Context, rows: list[Row]) -> list[Headline]:
    over = [row for row in rows if row["is_over"] and row["sales"]]
    if not over:
        return []
    latest = over[-1]
    month, currency = wording.month(latest["period_month"]), latest["currency"]
    cost, sales = amount(latest["service_cost"], currency), amount(latest["net_sales"], currency)
    share = estimate_of(latest, "service_cost_share", "buyers")
    margin = latest["margin_after_service"]
    return [
        Headline(
            label=_("Service cost, of sales"),
            metric=f"{PNL}.service_cost_share",
            unit="share",
            estimate=share,
            observed=_("buyers"),
            sentence=_(
                "Contacts, refunds, compensations and deliveries took {cost} of {sales} in {month}.",
                cost=cost,
                sales=sales,
                month=month,
            ),
            definition=Definition(PNL, ("service_cost_share", "service_cost", "net_sales"), ""),
            missing="" if latest["service_cost"] is None else context.too_few(share, _("buyers")),
        ),
        Headline(
            label=_("Margin after service"),
            metric=f"{PNL}.margin_after_service",
            unit="count",
            estimate=Estimate(None if margin is None else float(margin), None, None, latest["sales"]),
            observed=_("sales"),
            sentence=_(
                "What is left of {sales} after goods ({goods}) and service ({cost}), in {currency}, {month}.",
                sales=sales,
                goods=amount(latest["cost_of_goods"], currency),
                cost=cost,
                currency=currency,
                month=month,
            ),
            definition=Definition(PNL, ("margin_after_service", "cost_of_goods", "service_cost"), ""),
            missing=""
            if margin is not None
            else _("{uncosted_sales:,} sales whose goods have no known cost", uncosted_sales=latest["uncosted_sales"]),
            uncertainty=_("No interval: all sales are seen"),
        ),
    ]


def _premium(context: Context, rows: list[Row]) -> list[Headline]:
    over = [row for row in rows if row["is_over"] and row["priced_sales"]]
    if not over:
        return []
    latest = over[-1]
    estimate = estimate_of(latest, "price_premium", "buyers")
    paid, asked = (amount(latest[part], latest["currency"]) for part in ("realised_value", "dated_value"))
    return [
        Headline(
            label=_("Paid, against the price asked"),
            metric=f"{VALUE}.price_premium",
            unit="share",
            estimate=estimate,
            observed=_("buyers"),
            sentence=_(
                "Customers paid {paid} for goods priced {asked} on their day ({month}).",
                paid=paid,
                asked=asked,
                month=wording.month(latest["period_month"]),
            ),
            definition=Definition(VALUE, ("price_premium", "realised_value", "dated_value"), ""),
            missing=context.too_few(estimate, _("buyers")),
        )
    ]
