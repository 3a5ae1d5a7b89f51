"""Recovery and complaints: can customers complain, are they heard, and is it made good?"""

from datetime import datetime
from typing import Any

from touchline.reports import aftermath_figures, recovery_figures, wording
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import RECENT_MONTHS, Context, estimate_of, total
from touchline.reports.published import Row
from touchline.reports.recovery_figures import COMPLAINTS, RECOVERY
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

QUERIES = recovery_figures.QUERIES | aftermath_figures.QUERIES
POOLED = N_("Months are pooled by summing the parts, then dividing once; the interval is Wilson's.")


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="recovery",
        name=_("Recovery and complaints"),
        title=_("Can customers complain, are they heard, and is it made good?"),
        lead=_(
            "Complaints from the first word to the customer's answer, feelings before the fix; beside them what went "
            "wrong and nobody complained about. Headlines of complaints cover the latest {recent_months} months.",
            recent_months=RECENT_MONTHS,
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    months = [row for row in context.of("complaints", brand) if row["channel"] == "all" and row["complaints"]]
    missing = []
    if not months:
        missing.append(_("No complaints: no source of this brand delivered a case that is one."))
    elif not total(months, "outcomes_known"):
        missing.append(_("No outcomes: no recovery of a complaint bears the customer's answer."))
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
            label=_("Complained about"),
            metric=f"{RECOVERY}.voiced_share",
            unit="share",
            estimate=estimate,
            observed=_("failures"),
            sentence=_(
                "Of {failures} on record, customers complained about {voiced:,}. The others showed in tills, calls, "
                "surveys and promises alone.",
                failures=wording.count(row["detected"], "failure"),
                voiced=row["voiced"],
            ),
            definition=Definition(RECOVERY, ("voiced_share", "voiced", "detected"), ""),
            missing=context.too_few(estimate, _("failures")),
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
        _share(
            context,
            months,
            _("Acknowledged in time"),
            in_time,
            N_("{part:,} of {complaints} were acknowledged within {hours} hours ({when})."),
            hours=hours,
            when=when,
        ),
        _share(
            context,
            months,
            _("Apology before the fix"),
            apology,
            N_("{part:,} of {complaints} that were fixed had an apology first ({when})."),
            when=when,
        ),
        _share(
            context,
            months,
            _("Accepted"),
            accepted,
            N_("{part:,} of {complaints} whose customer answered were accepted as made good ({when})."),
            when=when,
        ),
    ]


def _share(
    context: Context, months: list[Row], label: str, columns: tuple[str, str, str], message: str, **places: Any
) -> Headline:
    column, part, whole = columns
    successes, trials = total(months, part), total(months, whole)
    estimate = share(successes, trials, context.min_cell)
    return Headline(
        label=label,
        metric=f"{COMPLAINTS}.{column}",
        unit="share",
        estimate=estimate,
        observed=_("complaints"),
        sentence=_(
            message,
            part=successes,
            complaints=wording.count(trials, "complaint"),
            **places,
        ),
        definition=Definition(COMPLAINTS, columns, POOLED),
        missing=context.too_few(estimate, _("complaints")),
    )
