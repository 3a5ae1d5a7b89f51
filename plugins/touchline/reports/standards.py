"""Gaps and standards: do we keep what we have set ourselves, every day and in every place?"""

from datetime import datetime

from touchline.reports import gaps_figures, improvement_figures, launch_figures, standards_figures, wording
from touchline.reports.content import Definition, Estimate, Headline, Page, Section
from touchline.reports.context import RECENT_MONTHS, Context, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

ATTAINMENT, LEVELS = "rpt_standard_attainment", "rpt_service_levels"
POOLED = N_("Standards and units are pooled by summing days; the interval is Wilson's and takes days for independent.")

QUERIES = standards_figures.QUERIES | improvement_figures.QUERIES | launch_figures.QUERIES | gaps_figures.QUERIES


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="standards",
        name=_("Gaps and standards"),
        title=_("Do we keep our standards, every day and in every place?"),
        lead=_(
            "Each standard held against its target day by day, the days kept in a row, and the rung of the service "
            "ladder that each unit stands on; what changes made of it; then what customers expect against what they "
            "perceive, and why. The first figure covers the latest {recent_months} months.",
            recent_months=RECENT_MONTHS,
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    register = context.of("standards", brand)
    missing = []
    if not register:
        missing.append(_("No standards: no source of this brand delivered any."))
    elif unjudged := [row for row in register if row["is_current"] and row["unjudged_because"]]:
        missing.append(standards_figures.unjudged_words(unjudged))
    if not any(row["answers"] for row in context.of("service_gaps", brand)):
        missing.append(_("No customer gap: no survey of this brand asks both what is expected and what is perceived."))
    missing += improvement_figures.missing(context, brand) + launch_figures.missing(context, brand)
    headlines, figures = [*_days(context, brand), *_units(context, brand)], standards_figures.figures(context, brand)
    for part in (improvement_figures, launch_figures, gaps_figures):
        headlines += part.headlines(context, brand)
        figures += part.figures(context, brand)
    return Section(brand, as_of, headlines, figures, missing)


def _days(context: Context, brand: str) -> list[Headline]:
    rows = context.of("standard_months", brand)[-RECENT_MONTHS:]
    if not rows:
        return []
    attained, judged = total(rows, "days_attained"), total(rows, "days_judged")
    estimate = share(attained, judged, context.min_cell)
    return [
        Headline(
            label=_("Days at standard"),
            metric=f"{ATTAINMENT}.attainment",
            unit="share",
            estimate=estimate,
            observed=_("days of units"),
            sentence=_(
                "On {attained:,} of {days} that could be judged, a unit met a standard ({period}).",
                attained=attained,
                days=wording.count(judged, "day"),
                period=wording.months(rows[0]["month"], rows[-1]["month"]),
            ),
            definition=Definition(ATTAINMENT, ("attainment", "days_attained", "days_judged"), POOLED),
            missing=context.too_few(estimate, _("days")),
        )
    ]


def _units(context: Context, brand: str) -> list[Headline]:
    rows: list[Row] = [row for row in context.of("service_levels", brand) if row["service_level"]]
    if not rows:
        return []
    standing = sum(row["service_level"] != "none" for row in rows)
    return [
        Headline(
            label=_("On the ladder"),
            metric=f"{LEVELS}.service_level",
            unit="share",
            estimate=Estimate(standing / len(rows), None, None, len(rows)),
            observed=_("units at a touchpoint"),
            sentence=_(
                "{standing:,} of {units} at a touchpoint whose level is known reach at least the basic one (latest "
                "month that is over).",
                standing=standing,
                units=wording.count(len(rows), "unit"),
            ),
            definition=Definition(LEVELS, ("service_level", "units_with_level"), ""),
            uncertainty=_("No interval: all units are seen"),
        )
    ]
