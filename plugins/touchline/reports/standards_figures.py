"""The charts and lists of the page on gaps and standards."""

from collections.abc import Sequence
from functools import partial

from touchline.reports import charts, wording
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
LISTED = 60
"""A unit further down the list is in the mart."""

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
    "standard_runs": """
        select brand, standard_code, unit_id, count(is_attained) as days_judged,
            count(*) filter (where is_attained) as days_attained, max(run_days) as longest_run,
            (array_agg(run_days order by business_date desc) filter (where run_days is not null))[1] as current_run,
            max(business_date) filter (where not is_attained) as last_missed_date,
            sum(observed)::bigint as observed, sum(observed_kept)::bigint as observed_kept
        from rpt_standards_continuity group by brand, source, standard_code, unit_type, unit_id
        order by brand, standard_code collate "C", current_run nulls last, unit_id collate "C"
    """,
    "service_levels": """
        select levels.* from rpt_service_levels as levels inner join (
            select brand, touchpoint_code, unit_type, max(period_month) as period_month
            from rpt_service_levels where is_month_closed group by brand, touchpoint_code, unit_type
        ) as latest using (brand, touchpoint_code, unit_type, period_month)
        order by brand, touchpoint_code collate "C", unit_id collate "C"
    """,
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
    if runs := context.of("standard_runs", brand):
        found.append(_runs(context, runs))
    if levels := context.of("service_levels", brand):
        found.append(_levels(context, levels))
    return found


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


def _runs(context: Context, rows: list[Row]) -> Figure:
    return Figure(
        slug="standard-runs",
        title=_("Every day, or only once?"),
        text=_(
            "Judged days kept in a row by standard and unit, now and at best, those that have just begun anew first, "
            "beside what observers saw. A day with too few measurements neither breaks a run nor prolongs it."
        ),
        alt=_("List of runs of days by standard and unit."),
        table=Table(
            (
                Column("standard", _("Standard")),
                Column("unit", _("Unit")),
                Column("current_run", _("Days kept in a row"), "count"),
                Column("longest_run", _("Longest run"), "count"),
                Column("last_missed", _("Last missed"), "date"),
                *estimate_columns(_("Days judged")),
                Column("observed", _("Observed"), "count"),
                Column("observed_kept", _("Of these kept"), "count"),
            ),
            [
                (
                    one_line(row["standard_code"]),
                    one_line(row["unit_id"]),
                    row["current_run"],
                    row["longest_run"],
                    row["last_missed_date"],
                    *cells(share(row["days_attained"], row["days_judged"], context.min_cell)),
                    row["observed"],
                    row["observed_kept"],
                )
                for row in rows[:LISTED]
            ],
        ),
        definition=Definition("rpt_standards_continuity", ("run_days", "is_attained", "observed"), ""),
    )


def _levels(context: Context, rows: list[Row]) -> Figure:
    uniform = {(row["touchpoint_code"], row["unit_type"]) for row in rows if row["is_uniform"] is False}
    return Figure(
        slug="service-levels",
        title=_("Which level of service does each unit reach?"),
        text=_(
            "The highest rung whose standards, and all below, were kept on {level_quorum:.0%} of judged days, in the "
            "latest month that is over. {touchpoints} with units on different rungs. Without a level: what would "
            "decide it is not measured.",
            level_quorum=rows[0]["level_quorum"],
            touchpoints=wording.count(len(uniform), "touchpoint"),
        ),
        alt=_("List of units with their service level."),
        table=Table(
            (
                Column("touchpoint", _("Touchpoint")),
                Column("unit", _("Unit")),
                Column("month", _("Month from"), "date"),
                Column("level", _("Level")),
                Column("blocking", _("Next rung waits for")),
                *estimate_columns(_("Its days judged")),
                Column("unjudged", _("Standards not judged"), "count"),
            ),
            [
                (
                    one_line(row["touchpoint_code"]),
                    one_line(row["unit_id"]),
                    row["period_month"],
                    row["service_level"],
                    None if row["blocking_standard_code"] is None else one_line(row["blocking_standard_code"]),
                    *cells(
                        share(row["blocking_days_attained"] or 0, row["blocking_days_judged"] or 0, context.min_cell)
                    ),
                    row["standards_unjudged"],
                )
                for row in rows[:LISTED]
            ],
        ),
        definition=Definition(
            "rpt_service_levels", ("service_level", "blocking_standard_code", "standards_unjudged", "is_uniform"), ""
        ),
    )
