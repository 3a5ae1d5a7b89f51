"""What first: which failures and gaps are worth putting right before the others?"""

from datetime import datetime

from touchline.reports import demand_figures, priority_figures, wording
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import RECENT_MONTHS, Context, total
from touchline.reports.statistics import share
from touchline.reports.words import _

DEMAND = "rpt_failure_demand"

QUERIES = {**priority_figures.QUERIES, **demand_figures.QUERIES}


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="what-first",
        name=_("What first?"),
        title=_("What should we put right first?"),
        lead=_(
            "What goes wrong, what it costs, and whose it is to mend. Differences between customers whom something "
            "happened to and others like them are associations: nobody drew lots."
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    missing = []
    if not context.of("priorities", brand):
        missing.append(_("No priorities: nothing known went wrong for a customer who bought lately."))
    if not context.of("failure_demand", brand):
        missing.append(_("No failure demand: no source of this brand delivered calls, messages or cases."))
    headlines = [*priority_figures.headlines(context, brand), *_demand(context, brand)]
    figures = [*priority_figures.figures(context, brand), *demand_figures.figures(context, brand)]
    return Section(brand, as_of, headlines, figures, missing)


def _demand(context: Context, brand: str) -> list[Headline]:
    rows = [row for row in context.of("failure_demand", brand) if row["cause"] == "all"][-RECENT_MONTHS:]
    if not rows:
        return []
    caused, contacts = total(rows, "failure_contacts"), total(rows, "contacts")
    estimate = share(caused, contacts, context.min_cell)
    period = wording.months(rows[0]["period_month"], rows[-1]["period_month"])
    money = sum(row["failure_cost"] for row in rows)
    return [
        Headline(
            label=_("Failure demand"),
            metric=f"{DEMAND}.failure_share",
            unit="share",
            estimate=estimate,
            observed=_("contacts"),
            sentence=_(
                "{caused:,} of {contacts} of known persons were caused by something that went wrong; serving them "
                "cost {money:,.0f} {currency} ({period}).",
                caused=caused,
                contacts=wording.count(contacts, "contact"),
                money=money,
                currency=rows[-1]["currency"] or "",
                period=period,
            ),
            definition=Definition(
                DEMAND,
                ("failure_share", "failure_contacts", "contacts", "failure_cost"),
                _("Months are pooled by summing counts; the interval is Wilson's."),
            ),
            missing=context.too_few(estimate, _("contacts")),
        )
    ]
