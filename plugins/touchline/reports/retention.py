"""Retention: do customers come back, and how long do they stay?"""

from datetime import datetime

from touchline.reports import (
    defection_figures,
    loyalty_figures,
    retention_figures,
    return_figures,
    value_figures,
    wording,
)
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import Context, estimate_of
from touchline.reports.published import Row
from touchline.reports.retention_figures import COHORTS, SURVIVAL, closed_at
from touchline.reports.statistics import share
from touchline.reports.words import _

LATER_OFFSETS = (12, 6, 3)
"""The later of the two headlines is the first of these that a cohort outside the burn-in has reached."""

SURVIVAL_MONTHS = 12

QUERIES = {
    "cohorts": """
        select brand, cohort_month, month_offset, is_burn_in, cohort_size, active_customers, retention,
            retention_lower, retention_upper, burn_in_months
        from rpt_retention_cohorts where is_month_closed
        order by brand, cohort_month, month_offset
    """,
    "survival": """
        select brand, basis, customer_group, duration_months, at_risk, events, censored, survival, survival_lower,
            survival_upper, lapse_days
        from rpt_survival
        order by brand, basis, case when customer_group = 'all' then 0 else 1 end, customer_group collate "C",
            duration_months
    """,
    "identified": """
        select brand, count(*) as purchases, count(*) filter (where customer_id is not null) as identified
        from fct_transactions inner join horizons using (brand)
        where status = 'completed' and not is_return and closed_at <= as_of
        group by brand
    """,
    **return_figures.QUERIES,
    **defection_figures.QUERIES,
    **value_figures.QUERIES,
    **loyalty_figures.QUERIES,
}


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="retention",
        name=_("Retention"),
        title=_("Do customers come back, and how long do they stay?"),
        lead=_(
            "First-purchase cohorts by calendar month and Kaplan-Meier curves, over purchases of known persons. "
            "Months that are not over are left out; cohorts from the data's first months are marked, for some of "
            "their people were customers before."
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def cohort_headlines(context: Context, brand: str, offsets: tuple[int, ...]) -> list[Headline]:
    """Pooled share of customers who buy again so many months after their first purchase."""
    rows = context.of("cohorts", brand)
    return [_cohort_headline(context, rows, offset) for offset in offsets if closed_at(rows, offset)]


def later_offset(context: Context, brand: str) -> int:
    """The month after the first purchase that speaks of loyalty and can be measured yet."""
    rows = [row for row in context.of("cohorts", brand) if not row["is_burn_in"]]
    return next((offset for offset in LATER_OFFSETS if closed_at(rows, offset)), LATER_OFFSETS[-1])


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    missing = []
    if not context.of("cohorts", brand):
        missing.append(
            _("No cohorts: no source of this brand delivered a purchase of a known person in a month now over.")
        )
    if not context.of("survival", brand):
        missing.append(_("No survival curve: neither purchases nor memberships of known persons were delivered."))
    headlines = [
        *cohort_headlines(context, brand, (1, later_offset(context, brand))),
        *return_figures.headlines(context, brand),
        *_survival_headlines(context, brand),
        *defection_figures.headlines(context, brand),
        *value_figures.headlines(context, brand),
        *loyalty_figures.headlines(context, brand),
        *_identified_headlines(context, brand),
    ]
    missing += [
        *defection_figures.missing(context, brand),
        *value_figures.missing(context, brand),
        *loyalty_figures.missing(context, brand),
    ]
    figures = [
        *retention_figures.figures(context, brand),
        *return_figures.figures(context, brand),
        *defection_figures.figures(context, brand),
        *value_figures.figures(context, brand),
        *loyalty_figures.figures(context, brand),
    ]
    return Section(brand, as_of, headlines, figures, missing)


def _cohort_headline(context: Context, rows: list[Row], offset: int) -> Headline:
    cohorts = closed_at(rows, offset)
    counted = [row for row in cohorts if not row["is_burn_in"]]
    active, size = (sum(row[column] for row in counted) for column in ("active_customers", "cohort_size"))
    estimate = share(active, size, context.min_cell)
    burn_in = cohorts[0]["burn_in_months"]
    reason = context.too_few(estimate, _("customers"))
    if not counted:
        reason = _("every closed cohort began in the data's first {burn_in} months (burn-in)", burn_in=burn_in)
    return Headline(
        label=_("Bought again in month {offset}", offset=offset),
        metric=f"{COHORTS}.retention",
        unit="share",
        estimate=estimate,
        observed=_("customers"),
        sentence=_(
            "{active:,} of {customers} in {cohorts} bought in calendar month {offset} after their first purchase.",
            active=active,
            customers=wording.count(size, "customer"),
            cohorts=wording.count(len(counted), "cohort"),
            offset=offset,
        )
        if counted
        else "",
        definition=Definition(
            COHORTS,
            ("retention", "month_offset", "is_burn_in", "burn_in_months"),
            _(
                "Pooled over all cohorts outside the burn-in whose month {offset} is over; the interval is Wilson's.",
                offset=offset,
            ),
        ),
        missing=reason,
        page="retention",
    )


def _survival_headlines(context: Context, brand: str) -> list[Headline]:
    everyone = [row for row in context.of("survival", brand) if row["customer_group"] == "all"]
    bases = dict.fromkeys(row["basis"] for row in everyone)
    return [_survival_headline(context, [row for row in everyone if row["basis"] == basis]) for basis in bases]


def _survival_headline(context: Context, curve: list[Row]) -> Headline:
    """S(12 months), the last step up to then; S at the end of a shorter curve."""
    months = min(SURVIVAL_MONTHS, curve[-1]["duration_months"])
    row = next((row for row in reversed(curve) if row["duration_months"] <= months), curve[0])
    estimate = estimate_of(row, "survival", "at_risk")
    is_purchase = row["basis"] == "purchase"
    return Headline(
        label=_("Still buying after {months}", months=wording.count(months, "month"))
        if is_purchase
        else _("Still members after {months}", months=wording.count(months, "month")),
        metric=f"{SURVIVAL}.survival",
        unit="share",
        estimate=estimate,
        observed=_("customers at risk"),
        sentence=_(
            "Kaplan-Meier estimate: those still here count for as long as they were seen; lapsed means {lapse_days} "
            "days without a purchase.",
            lapse_days=row["lapse_days"],
        )
        if is_purchase
        else _("Kaplan-Meier estimate: those still here count for as long as they were seen."),
        definition=Definition(SURVIVAL, ("survival", "at_risk", "survival_lower", "survival_upper", "basis"), ""),
        missing=context.too_few(estimate, _("customers at risk")),
        uncertainty="" if estimate.lower is not None else _("No interval: no one has left, or everyone has"),
    )


def _identified_headlines(context: Context, brand: str) -> list[Headline]:
    rows = context.of("identified", brand)
    if not rows:
        return []
    estimate = share(rows[0]["identified"], rows[0]["purchases"], context.min_cell)
    return [
        Headline(
            label=_("Purchases of known persons"),
            metric="fct_transactions.customer_id",
            unit="share",
            estimate=estimate,
            observed=_("completed purchases"),
            sentence=_("What this page sees: it says nothing about those who buy without being known."),
            definition=Definition(
                "fct_transactions",
                ("customer_id", "status"),
                _("Completed purchases with a known person ÷ completed purchases, returns left out."),
            ),
            missing=context.too_few(estimate, _("purchases")),
        )
    ]
