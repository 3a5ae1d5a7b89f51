"""Who comes back, and how soon: days after the first purchase."""

from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, estimate_columns, point, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

CURVES = "rpt_retention_curves"

QUERIES = {
    "returns": f"""
        select brand, cohort_month, measure, day_number, is_burn_in, customers, customers_censored, returned
        from {CURVES} where returned is not null
        order by brand, case measure when 'return' then 1 when 'bracket' then 2 when 'day' then 3 else 4 end,
            day_number, cohort_month
    """
}
HEADLINE_DAY = 30
MEASURES = {
    "return": N_("Came back by then"),
    "bracket": N_("Came back since the day before it"),
    "day": N_("Came back on that very day"),
    "rolling": N_("Came back then or later"),
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Who came back within a month, or within the last day that anybody has reached before it."""
    rows = [row for row in _counted(context, brand) if row["measure"] == "return" and row["day_number"] <= HEADLINE_DAY]
    if not rows:
        return []
    day = rows[-1]["day_number"]
    reached = [row for row in rows if row["day_number"] == day]
    estimate = _pooled(reached, context.min_cell)
    censored = total(reached, "customers_censored")
    return [
        Headline(
            label=_("Came back within {days}", days=wording.count(day, "day")),
            metric=f"{CURVES}.retention",
            unit="share",
            estimate=estimate,
            observed=_("customers"),
            sentence=_(
                "Bought again within {days} of their first purchase; {customers} not yet seen for so long are left "
                "out.",
                days=wording.count(day, "day"),
                customers=wording.count(censored, "customer"),
            ),
            definition=Definition(
                CURVES,
                ("retention", "returned", "customers", "customers_censored"),
                _("Pooled over the cohorts outside the burn-in by summing counts; the interval is Wilson's."),
            ),
            missing=context.too_few(estimate, _("customers")),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The four curves, pooled over cohorts."""
    rows = _counted(context, brand)
    estimates = {
        (measure, day): _pooled(list(cohorts), context.min_cell)
        for (measure, day), cohorts in groupby(rows, key=itemgetter("measure", "day_number"))
    }
    points = [_point(measure, day, estimate) for (measure, day), estimate in estimates.items()]
    shown = [shown for shown in points if shown["value"] is not None]
    if not shown:
        return []
    return [
        Figure(
            slug="return-curves",
            title=_("How soon do customers come back?"),
            text=_(
                "Share of customers with another purchase, by days since the first, in four readings that are often "
                "mixed up. Only those seen for so long are counted; what came then or later grows as time goes by."
            ),
            alt=_(
                "Line charts of the share of customers who came back, by days since the first purchase: {names}.",
                names=wording.listing([_(label).lower() for label in MEASURES.values()]),
            ),
            draw=partial(charts.curves, shown, x_title=_("Days since the first purchase"), columns=2, is_step=False),
            table=Table(
                (
                    Column("measure", _("Measure")),
                    Column("day_number", _("Day"), "count"),
                    *estimate_columns(_("Customers")),
                ),
                [(measure, day, *cells(estimate)) for (measure, day), estimate in estimates.items()],
            ),
            definition=Definition(
                CURVES,
                ("measure", "day_number", "from_day", "to_day", "retention"),
                _("Pooled over the cohorts outside the burn-in by summing counts; the intervals are Wilson's."),
            ),
        )
    ]


def _counted(context: Context, brand: str) -> list[Row]:
    """Cohorts outside the burn-in; all of them where there are no others."""
    rows = context.of("returns", brand)
    return [row for row in rows if not row["is_burn_in"]] or rows


def _pooled(rows: list[Row], min_cell: int) -> Estimate:
    return share(total(rows, "returned"), total(rows, "customers"), min_cell)


def _point(measure: str, day: int, estimate: Estimate) -> dict[str, Any]:
    panel = {"panel": _(MEASURES[measure]), "order": [*MEASURES].index(measure), "reference": False}
    return point("", estimate) | panel | {"x": day}
