"""What sets an employee apart from all others at the same mix of issues; who is not told apart is only counted."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Kind, Table, Unit
from touchline.reports.context import Context, cells, dot, estimate_columns, one_line, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_employee_scorecards"
CHANCE = 0.05
"""Share of 95 % intervals that exclude the truth though nobody differs."""

SHOWN = 40
"""Rows of a chart that an eye can still follow."""

SHORT = {
    "no_return": N_("no return"),
    "satisfied": N_("satisfied"),
    "remembered_well": N_("remembered"),
    "standard_kept": N_("standards"),
    "compliment": N_("compliments"),
    "complaint": N_("complaints taken"),
    "handle_seconds": N_("seconds"),
}

MEASURES = {
    "no_return": N_("Solved at first contact: no return"),
    "satisfied": N_("Satisfied answers"),
    "remembered_well": N_("Peaks and ends remembered well"),
    "standard_kept": N_("Standards kept when watched"),
    "compliment": N_("Compliments taken"),
    "complaint": N_("Complaints taken"),
    "handle_seconds": N_("Handling time"),
}
"""In the order in which they are shown."""

QUERIES = {
    "employee_measures": """
        select brand, measure, sum(n)::bigint as n, sum(total)::bigint as total, count(*) as employees,
            count(standing) as judged, count(*) filter (where standing = 'above') as above,
            count(*) filter (where standing = 'below') as below
        from rpt_employee_scorecards where period = 'all' group by 1, 2
    """,
    "employees_apart": """
        select brand, employee_id, measure, n, adjusted, brand_value, adjusted - brand_value as difference,
            adjusted_lower - brand_value as difference_lower, adjusted_upper - brand_value as difference_upper,
            mix_covered
        from rpt_employee_scorecards where period = 'all' and standing in ('above', 'below')
        order by brand, employee_id collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many comparisons tell anybody apart, beside what chance would."""
    rows = context.of("employee_measures", brand)
    judged = total(rows, "judged")
    if not judged:
        return []
    apart = total(rows, "above") + total(rows, "below")
    return [
        Headline(
            label=_("Told apart"),
            metric=f"{MART}.standing",
            unit="share",
            estimate=Estimate(apart / judged, None, None, judged),
            observed=_("comparisons"),
            sentence=_(
                "{apart:,} of {comparisons} of an employee with all others, at the same mix of issues, differ by more "
                "than their interval; if nobody differed, {expected:,.0f} would by chance.",
                apart=apart,
                comparisons=wording.count(judged, "comparison"),
                expected=judged * CHANCE,
            ),
            definition=Definition(MART, ("standing", "adjusted", "brand_value"), _("Over all months, all figures.")),
            uncertainty=_("No interval: comparisons of one person are not independent"),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Which figures nobody delivered the records for."""
    found = {row["measure"] for row in context.of("employee_measures", brand)}
    if not found:
        return [_("No figures of employees: no source of this brand says who served.")]
    absent = [_(label).lower() for measure, label in MEASURES.items() if measure not in found]
    said = [_("How a role model's practice spreads is not shown: no export records recognitions.")]
    return [_("Not recorded by employee: {names}.", names=wording.listing(absent)), *said] if absent else said


def figures(context: Context, brand: str) -> list[Figure]:
    """All measures together, then who stands apart, shares and seconds each on their own scale."""
    measures = {row["measure"]: row for row in context.of("employee_measures", brand)}
    if not measures:
        return []
    apart = sorted(context.of("employees_apart", brand), key=lambda row: list(MEASURES).index(row["measure"]))
    shares = [row for row in apart if row["measure"] != "handle_seconds"]
    seconds = [row for row in apart if row["measure"] == "handle_seconds"]
    found = [_measures(context, measures)]
    if shares:
        found.append(_apart("apart-in-shares", _("Whose figures differ from those of all?"), shares, "share"))
    if seconds:
        found.append(_apart("apart-in-time", _("Whose handling time differs from that of all?"), seconds, "number"))
    return found


def _measures(context: Context, measures: dict[str, Row]) -> Figure:
    shown = [measure for measure in MEASURES if measure in measures]
    estimates = {
        measure: share(int(measures[measure]["total"]), int(measures[measure]["n"]), context.min_cell)
        for measure in shown
        if measure != "handle_seconds"
    }
    points = [
        dot(f"{_(MEASURES[measure])}\nn = {estimate.n:,}", estimate)
        for measure, estimate in estimates.items()
        if estimate.value is not None
    ]
    return Figure(
        slug="employee-measures",
        title=_("What do all of our people together reach, and does it differ between them?"),
        text=_(
            "Shares over everybody and all months. The table counts whom the interval tells apart from the others at "
            "the same mix of issues, and how many of the judged would be by chance alone."
        ),
        alt=_("Dot chart of {figures} of all employees.", figures=wording.count(len(points), "figure")),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("measure", _("Figure")),
                *estimate_columns(_("Observed")),
                Column("mean_seconds", _("Mean"), "seconds"),
                Column("employees", _("Employees"), "count"),
                Column("judged", _("With enough to judge"), "count"),
                Column("above", _("Above all others"), "count"),
                Column("below", _("Below"), "count"),
                Column("by_chance", _("By chance"), "number"),
            ),
            [_measure_cells(measures[measure], estimates.get(measure)) for measure in shown],
        ),
        definition=Definition(
            MART,
            ("measure", "value", "n", "standing"),
            _("Employees are pooled by summing counts; the interval is Wilson's."),
        ),
    )


def _measure_cells(row: Row, estimate: Estimate | None) -> tuple[object, ...]:
    counts = (row["employees"], row["judged"], row["above"], row["below"], row["judged"] * CHANCE)
    if estimate is None:
        return (_(MEASURES[row["measure"]]), None, None, None, row["n"], int(row["total"]) / int(row["n"]), *counts)
    return (_(MEASURES[row["measure"]]), *cells(estimate), None, *counts)


def _apart(slug: str, title: str, rows: list[Row], unit: Unit) -> Figure:
    shown = rows[:SHOWN]
    points = [
        dot(f"{one_line(row['employee_id'])}\n{_(SHORT[row['measure']])}, n = {row['n']:,}", _difference(row), unit)
        for row in shown
    ]
    rest = (
        _(" The first {shown} are drawn, the table has all {rows:,}.", shown=SHOWN, rows=len(rows))
        if len(rows) > SHOWN
        else ""
    )
    kind: Kind = "share" if unit == "share" else "number"
    measured = _("Share") if unit == "share" else _("Seconds")
    return Figure(
        slug=slug,
        title=title,
        text=_(
            "{measured} of the employee less what all reach in the same issues, both at the brand's mix of them, over "
            "all months; by key, in no order of merit. More is not always better. Who is missing is not told "
            "apart.{rest}",
            measured=measured,
            rest=rest,
        ),
        alt=_("Dot chart of {differences} from the mean of all.", differences=wording.count(len(points), "difference")),
        draw=partial(charts.dots, points, is_share=unit == "share"),
        table=Table(
            (
                Column("employee_id", _("Employee")),
                Column("measure", _("Figure")),
                Column("value", _("Difference"), kind),
                Column("lower", _("95 % from"), kind),
                Column("upper", _("95 % to"), kind),
                Column("n", _("Observed"), "count"),
                Column("adjusted", _("At the brand's mix"), kind),
                Column("brand_value", _("All in the same issues"), kind),
                Column("mix_covered", _("Of the brand's mix"), "share"),
            ),
            [
                (
                    one_line(row["employee_id"]),
                    _(MEASURES[row["measure"]]),
                    *cells(_difference(row)),
                    *(float(row[name]) for name in ("adjusted", "brand_value", "mix_covered")),
                )
                for row in rows
            ],
        ),
        definition=Definition(MART, ("adjusted", "brand_value", "mix_covered", "standing"), ""),
    )


def _difference(row: Row) -> Estimate:
    value, lower, upper = (float(row[name]) for name in ("difference", "difference_lower", "difference_upper"))
    return Estimate(value, lower, upper, int(row["n"]))
