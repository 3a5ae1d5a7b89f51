"""Retention's charts: the cohort triangle, the curve over all cohorts, survival by group."""

from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import Context, cells, estimate_columns, estimate_of, named, point, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import _

COHORTS = "rpt_retention_cohorts"
SURVIVAL = "rpt_survival"
SHOWN_COHORTS = 24
SHOWN_OFFSETS = 24
SHOWN_GROUPS = 9


def figures(context: Context, brand: str) -> list[Figure]:
    """The charts a brand has the data for."""
    cohorts, survival = context.of("cohorts", brand), context.of("survival", brand)
    shown = [_triangle(cohorts), _curve(context, cohorts)] if any(row["month_offset"] for row in cohorts) else []
    for basis in dict.fromkeys(row["basis"] for row in survival):
        shown.append(_survival(basis, [row for row in survival if row["basis"] == basis]))  # noqa: PERF401
    return shown


def closed_at(rows: list[Row], offset: int) -> list[Row]:
    """Cohorts whose month of this offset is over."""
    return [row for row in rows if row["month_offset"] == offset]


def _triangle(rows: list[Row]) -> Figure:
    months = sorted({row["cohort_month"] for row in rows})[-SHOWN_COHORTS:]
    shown = [row for row in rows if row["cohort_month"] in months and 1 <= row["month_offset"] <= SHOWN_OFFSETS]
    known = [float(row["retention"]) for row in shown if row["retention"] is not None]
    steps = charts.thresholds(max(known, default=1.0) or 1.0)
    points = [_cell(row, steps) for row in shown]
    return Figure(
        slug="cohorts",
        title=_("Does each cohort come back?"),
        text=_(
            "Per cent of a first-purchase cohort that buys in each later month; customers in brackets. A star marks "
            "cohorts of the data's first months, in which old customers look new."
        ),
        alt=_(
            "Heat map of retention of {cohorts} by months since the first purchase, {min:.0%} to {max:.0%}.",
            cohorts=wording.count(len(months), "cohort"),
            min=min(known, default=0),
            max=max(known, default=0),
        ),
        draw=partial(charts.grid, points, x_title=_("Months since the first purchase")),
        table=Table(
            (
                Column("cohort_month", _("Cohort"), "date"),
                Column("month_offset", _("Month"), "count"),
                Column("is_burn_in", _("Burn-in")),
                *estimate_columns(_("Customers")),
            ),
            [
                (
                    row["cohort_month"],
                    row["month_offset"],
                    _("yes") if row["is_burn_in"] else _("no"),
                    *cells(estimate_of(row, "retention", "cohort_size")),
                )
                for row in rows
            ],
        ),
        definition=Definition(COHORTS, ("cohort_month", "month_offset", "retention", "is_burn_in"), ""),
    )


def _cell(row: Row, steps: list[float]) -> dict[str, Any]:
    value = None if row["retention"] is None else float(row["retention"])
    star = " *" if row["is_burn_in"] else ""
    return {
        "x": str(row["month_offset"]),
        "y": f"{wording.short_month(row['cohort_month'])}{star} ({row['cohort_size']:,})",
        "shade": 0 if value is None else charts.shade(value, steps),
        "text": "" if value is None else f"{100 * value:.0f}",
    }


def _curve(context: Context, rows: list[Row]) -> Figure:
    counted = [row for row in rows if not row["is_burn_in"]]
    note = _("outside the burn-in")
    if not any(row["month_offset"] for row in counted):
        counted, note = rows, _("all of them in the burn-in")
    estimates = _by_offset(counted, context.min_cell)
    shared = {"panel": _("All cohorts {note}", note=note), "order": 0, "reference": False}
    points = [
        point("", estimate) | shared | {"x": offset}
        for offset, estimate in estimates.items()
        if estimate.value is not None
    ]
    last = points[-1] if points else None
    return Figure(
        slug="retention-curve",
        title=_("How fast does buying fade?"),
        text=_(
            "Share of customers who buy in each month after their first purchase, pooled over the cohorts that have "
            "reached it, {note}. Later months rest on fewer and older cohorts.",
            note=note,
        ),
        alt=_(
            "Line chart of retention by months since the first purchase, {value:.0%} in month {month}.",
            value=last["value"],
            month=last["x"],
        )
        if last
        else _("Line chart of retention by months since the first purchase."),
        draw=partial(charts.curves, points, x_title=_("Months since the first purchase"), columns=1, is_step=False)
        if points
        else None,
        table=Table(
            (Column("month_offset", _("Month"), "count"), *estimate_columns(_("Customers"))),
            [(offset, *cells(estimate)) for offset, estimate in estimates.items()],
        ),
        definition=Definition(COHORTS, ("retention", "month_offset"), _("Summed over cohorts first, divided once.")),
    )


def _by_offset(rows: list[Row], min_cell: int) -> dict[int, Estimate]:
    """Retention by months since the first purchase, summed over the cohorts that have reached each."""
    cohorts = {offset: closed_at(rows, offset) for offset in sorted({row["month_offset"] for row in rows})}
    return {
        offset: share(total(closed, "active_customers"), total(closed, "cohort_size"), min_cell)
        for offset, closed in cohorts.items()
    }


def _survival(basis: str, rows: list[Row]) -> Figure:
    groups = list(dict.fromkeys(row["customer_group"] for row in rows))
    # With one group beside the total, the two curves are the same.
    shown = ["all"] if len(groups) <= 2 else _largest(rows, groups)
    points = _survival_points(rows, shown)
    is_purchase, names = basis == "purchase", wording.listing([named(group) for group in shown])
    return Figure(
        slug=f"survival-{basis}",
        title=_("How long do customers keep buying?") if is_purchase else _("How long do customers stay members?"),
        text=_(
            "Kaplan-Meier curves with their 95 % interval, by segment of entry; grey is everyone. Who is still here "
            "counts for as long as they were seen."
        )
        + (
            _(" The {shown_groups} largest of {groups} groups.", shown_groups=SHOWN_GROUPS, groups=len(groups))
            if len(groups) > SHOWN_GROUPS
            else ""
        ),
        alt=_("Step curves of the share of customers who keep buying, for {names}.", names=names)
        if is_purchase
        else _("Step curves of the share of customers who stay members, for {names}.", names=names),
        draw=partial(charts.curves, points, x_title=_("Months since the start"), columns=min(3, len(shown))),
        table=Table(
            (
                Column("customer_group", _("Group")),
                Column("duration_months", _("Months"), "count"),
                *estimate_columns(_("At risk")),
                Column("events", _("Left"), "count"),
                Column("censored", _("Still here"), "count"),
            ),
            [
                (
                    named(row["customer_group"]),
                    row["duration_months"],
                    *cells(estimate_of(row, "survival", "at_risk")),
                    row["events"],
                    row["censored"],
                )
                for row in rows
            ],
        ),
        definition=Definition(SURVIVAL, ("basis", "customer_group", "survival", "survival_lower", "lapse_days"), ""),
    )


def _survival_points(rows: list[Row], groups: list[str]) -> list[dict[str, Any]]:
    """A panel a group: its own curve, and behind it the one of everyone."""
    points = []
    for order, group in enumerate(groups):
        own = [row for row in rows if row["customer_group"] == group]
        panel = f"{named(group)} (n = {_size(own):,})"
        points += [_step(row, panel, order, False) for row in _from_start(own)]
        if group != "all":
            everyone = [row for row in rows if row["customer_group"] == "all"]
            points += [_step(row, panel, order, True) for row in _from_start(everyone)]
    return points


def _largest(rows: list[Row], groups: list[str]) -> list[str]:
    sizes = {group: _size([row for row in rows if row["customer_group"] == group]) for group in groups}
    return sorted(groups, key=lambda group: (group != "all", -sizes[group], group))[:SHOWN_GROUPS]


def _size(curve: list[Row]) -> int:
    """Customers at the start of a curve."""
    return max((int(row["at_risk"]) for row in curve), default=0)


def _from_start(curve: list[Row]) -> list[Row]:
    """The curve with the point every curve begins at: nobody has left at month 0."""
    if curve and curve[0]["duration_months"] == 0:
        return curve
    return [{"duration_months": 0, "survival": 1, "survival_lower": None, "survival_upper": None}, *curve]


def _step(row: Row, panel: str, order: int, is_reference: bool) -> dict[str, Any]:
    names = {"value": "survival", "lower": "survival_lower", "upper": "survival_upper"}
    numbers = {name: None if row[column] is None else float(row[column]) for name, column in names.items()}
    return {"panel": panel, "order": order, "reference": is_reference, "x": row["duration_months"]} | numbers
