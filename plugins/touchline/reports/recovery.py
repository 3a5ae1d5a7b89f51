"""Recovery and complaints: can customers complain, are they heard, and is it made good?"""

from datetime import datetime

from touchline.reports import aftermath_figures, recovery_figures, wording
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import RECENT_MONTHS, Context, estimate_of, total
from touchline.reports.published import Row
from touchline.reports.recovery_figures import COMPLAINTS, RECOVERY
from touchline.reports.statistics import share

QUERIES = recovery_figures.QUERIES | aftermath_figures.QUERIES
POOLED = "Months are pooled by summing the parts, then dividing once; the interval is Wilson's."


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="recovery",
        name="Recovery and complaints",
        title="Can customers complain, are they heard, and is it made good?",
        lead="Complaints from the first word to the customer's answer, feelings before the fix; beside them what went "
        f"wrong and nobody complained about. Headlines of complaints cover the latest {RECENT_MONTHS} months.",
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    months = [row for row in context.of("complaints", brand) if row["channel"] == "all" and row["complaints"]]
    missing = []
    if not months:
        missing.append("No complaints: no source of this brand delivered a case that is one.")
    elif not total(months, "outcomes_known"):
        missing.append("No outcomes: no recovery of a complaint bears the customer's answer.")
    headlines = [
        *_voiced(context, brand),
        *_handling(context, months[-RECENT_MONTHS:]),
        *aftermath_figures.headlines(context, brand),
    ]
    missing += aftermath_figures.missing(context, brand)
    figures = [*recovery_figures.figures(context, brand), *aftermath_figures.figures(context, brand)]
    return Section(brand, as_of, headlines, figures, missing)


def _voiced(context: Context, brand: str) -> list[Headline]:
    rows = [row for row in context.of("recovery_steps", brand) if row["failure_type"] == "all"]
    if not rows:
        return []
    [row] = rows
    estimate = estimate_of(row, "voiced_share", "detected")
    return [
        Headline(
            label="Complained about",
            metric=f"{RECOVERY}.voiced_share",
            unit="share",
            estimate=estimate,
            observed="failures",
            sentence=f"Of {wording.count(row['detected'], 'failure')} on record, customers complained about "
            f"{row['voiced']:,}. The others showed in tills, calls, surveys and promises alone.",
            definition=Definition(RECOVERY, ("voiced_share", "voiced", "detected"), ""),
            missing=context.too_few(estimate, "failures"),
        )
    ]


def _handling(context: Context, months: list[Row]) -> list[Headline]:
    if not months:
        return []
    hours = months[0]["acknowledgement_hours"]
    when = wording.months(months[0]["complaint_month"], months[-1]["complaint_month"])
    in_time = ("acknowledged_in_time_share", "acknowledged_in_time", "acknowledgement_due")
    apology = ("apology_before_fix_share", "apologised_before_fix", "fixed")
    accepted = ("accepted_share", "outcomes_accepted", "outcomes_known")
    return [
        _share(context, months, "Acknowledged in time", in_time, f"were acknowledged within {hours} hours ({when})."),
        _share(context, months, "Apology before the fix", apology, f"that were fixed had an apology first ({when})."),
        _share(context, months, "Accepted", accepted, f"whose customer answered were accepted as made good ({when})."),
    ]


def _share(context: Context, months: list[Row], label: str, columns: tuple[str, str, str], rest: str) -> Headline:
    column, part, whole = columns
    successes, trials = total(months, part), total(months, whole)
    estimate = share(successes, trials, context.min_cell)
    return Headline(
        label=label,
        metric=f"{COMPLAINTS}.{column}",
        unit="share",
        estimate=estimate,
        observed="complaints",
        sentence=f"{successes:,} of {wording.count(trials, 'complaint')} {rest}",
        definition=Definition(COMPLAINTS, columns, POOLED),
        missing=context.too_few(estimate, "complaints"),
    )
