"""The charts and lists of the page on gaps and standards."""

from collections.abc import Sequence
from functools import partial

from touchline.reports import charts, standard_unit_figures, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    number,
    one_line,
    spread,
    timeline,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

SHOWN = 12

UNJUDGED = {
    "metric_unknown": N_("its metric is not in the catalogue"),
    "segment_not_measured": N_("no figure knows its segment"),
    "percentile_not_measured": N_("percentiles are not measured by day"),
    "no_measurement": N_("nothing was measured"),
    "too_few_a_day": N_("no day has enough measurements"),
}

QUERIES = {
    "standards": """
        select * from (
            select standard_version_key, brand, standard_code, valid_from, is_current, touchpoint_code, service_level,
                owner_employee_id, operator, target, target_uom, figure, days_judged, attainment, attainment_lower,
                attainment_upper, unjudged_because
            from rpt_standard_attainment where unit_type = 'all' and period = 'all'
        ) as register left join (
            select distinct on (standard_version_key) standard_version_key, attainment_trend, attainment_trend_lower,
                attainment_trend_upper
            from rpt_standard_attainment where unit_type = 'all' and period <> 'all'
            order by standard_version_key, period desc
        ) as latest using (standard_version_key)
        order by brand, is_current desc, standard_code collate "C", valid_from
    """,
    "standard_months": """
        select brand, cast(period || '-01' as date) as month, sum(days_judged)::bigint as days_judged,
            sum(days_attained)::bigint as days_attained
        from rpt_standard_attainment where unit_type = 'all' and period <> 'all'
        group by brand, period having sum(days_judged) > 0 order by brand, period
    """,
    **standard_unit_figures.QUERIES,
}


def unjudged_words(rows: Sequence[Row]) -> str:
    """Which current standards nobody can judge, and why."""
    named = [
        _("{name} ({reason})", name=one_line(row["standard_code"]), reason=_(UNJUDGED[row["unjudged_because"]]))
        for row in rows
    ]
    return _("Not judged on any day: {names}.", names=wording.listing(named))


def figures(context: Context, brand: str) -> list[Figure]:
    """What the marts hold of the brand, the register first."""
    found: list[Figure] = []
    if register := context.of("standards", brand):
        found.append(_register(register))
    if months := context.of("standard_months", brand):
        found.append(_months(context, months))
    return found + standard_unit_figures.figures(context, brand)


def _register(rows: list[Row]) -> Figure:
    named = [(one_line(row["standard_code"]), estimate_of(row, "attainment", "days_judged"), row) for row in rows]
    current = [(name, e) for name, e, row in named if row["is_current"] and e.value is not None][:SHOWN]
    points = [dot(f"{name}\nn = {estimate.n:,}", estimate) for name, estimate in current]
    return Figure(
        slug="standards",
        title=_("Which standards do we keep?"),
        text=_(
            "Share of judged days of units on which the standard in force was met. The table has every target there "
            "was, with its owner, and the change of the latest month against the one before."
        ),
        alt=_(
            "Dot chart of {standards}, {spread}.",
            standards=wording.count(len(current), "standard"),
            spread=spread(estimate for _, estimate in current),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("standard", _("Standard")),
                Column("valid_from", _("From"), "date"),
                Column("touchpoint", _("Touchpoint")),
                Column("level", _("Level")),
                Column("owner", _("Owner")),
                Column("target", _("Target")),
                Column("figure", _("Figure"), "number"),
                *estimate_columns(_("Days judged")),
                Column("trend", _("Change"), "share"),
                Column("trend_lower", _("Change, 95 % from"), "share"),
                Column("trend_upper", _("Change, 95 % to"), "share"),
                Column("unjudged", _("Not judged because")),
            ),
            [_standard(name, estimate, row) for name, estimate, row in named],
        ),
        definition=Definition("rpt_standard_attainment", ("attainment", "attainment_trend", "unjudged_because"), ""),
    )


def _standard(name: str, estimate: Estimate, row: Row) -> tuple[object, ...]:
    """A line of the register."""
    return (
        name,
        row["valid_from"],
        one_line(row["touchpoint_code"]),
        row["service_level"],
        row["owner_employee_id"],
        f"{row['operator']} {row['target'].normalize():f} {one_line(row['target_uom'])}",
        number(row["figure"]),
        *cells(estimate),
        *(number(row[f"attainment_trend{end}"]) for end in ("", "_lower", "_upper")),
        _(UNJUDGED.get(row["unjudged_because"], "")) or None,
    )


def _months(context: Context, rows: list[Row]) -> Figure:
    estimates = {row["month"]: share(row["days_attained"], row["days_judged"], context.min_cell) for row in rows}
    return Figure(
        slug="standards-months",
        title=_("Is it getting better?"),
        text=_(
            "Share of judged days of units at standard, all standards together, each day against its own target: a "
            "raised target lowers it."
        ),
        alt=_("Line chart of days at standard by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Days at standard"), step="month"),
        table=Table(
            (Column("month", _("Month from"), "date"), *estimate_columns(_("Days judged"))),
            [(month, *cells(estimate)) for month, estimate in estimates.items()],
        ),
        definition=Definition("rpt_standard_attainment", ("attainment", "days_attained", "days_judged"), ""),
    )
