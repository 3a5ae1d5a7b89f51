"""Standards unit by unit: days kept in a row, and the level of service that is reached."""

from touchline.reports import wording
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import Context, cells, estimate_columns, one_line
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import _

LISTED = 60
"""A unit further down the list is in the mart."""

QUERIES = {
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


def figures(context: Context, brand: str) -> list[Figure]:
    """Two lists; nothing where no unit was judged."""
    found: list[Figure] = []
    if runs := context.of("standard_runs", brand):
        found.append(_runs(context, runs))
    if levels := context.of("service_levels", brand):
        found.append(_levels(context, levels))
    return found


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
