"""Journeys and touchpoints: which ways do customers take, and where do they break?"""

from datetime import datetime

from touchline.reports import (
    follow_up_figures,
    interaction_figures,
    journey_figures,
    preparation_figures,
    touchpoint_figures,
    visible_figures,
    wording,
)
from touchline.reports.content import Definition, Headline, Page, Section
from touchline.reports.context import (
    MONTHS_POOLED,
    RECENT_MONTHS,
    Context,
    latest,
    period_of,
    total,
)
from touchline.reports.journey_figures import JOURNEYS, STAGES
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import _

QUERIES = (
    journey_figures.QUERIES
    | touchpoint_figures.QUERIES
    | preparation_figures.QUERIES
    | interaction_figures.QUERIES
    | follow_up_figures.QUERIES
    | visible_figures.QUERIES
)


def build(context: Context) -> Page:
    """The page, one section a brand."""
    return Page(
        slug="journeys",
        name=_("Journeys and touchpoints"),
        title=_("Where do journeys break?"),
        lead=_(
            "The ways that customers take from touchpoint to touchpoint, how many go on to the next stage, and where "
            "they are left without a solution and not heard of again; what is ready before customers come, what "
            "passes during a case and after it. Headline figures cover the latest {recent_months} months of "
            "each brand that hold any, charts of months all of them.",
            recent_months=RECENT_MONTHS,
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    rows = context.of("journeys", brand)
    missing = []
    if not rows:
        missing.append(_("No journeys: no episode of a known person of this brand was delivered."))
    elif not journey_figures.settled(rows):
        missing.append(_("No broken journeys: no month of which nineteen in twenty episodes are over."))
    if unobserved := [stage for stage in STAGES if stage in _unobserved(rows)]:
        names = wording.listing([_(STAGES[stage]) for stage in unobserved])
        missing.append(
            _(
                "Not observed: {names}. No source of this brand shows a touch there, so nothing is said of it.",
                names=names,
            )
        )
    if not context.of("repurchase", brand):
        missing.append(_("No repurchase by touchpoint: no purchase of a known person lies far enough back."))
    missing += preparation_figures.missing(context, brand)
    missing += interaction_figures.missing(context, brand) + follow_up_figures.missing(context, brand)
    missing += visible_figures.missing(context, brand)
    headlines = [
        *_broken(context, rows),
        *_went_on(context, rows),
        *preparation_figures.headlines(context, brand),
        *interaction_figures.headlines(context, brand),
        *follow_up_figures.headlines(context, brand),
        *visible_figures.headlines(context, brand),
    ]
    figures = [
        *journey_figures.figures(context, brand),
        *touchpoint_figures.figures(context, brand),
        *preparation_figures.figures(context, brand),
        *interaction_figures.figures(context, brand),
        *follow_up_figures.figures(context, brand),
        *visible_figures.figures(context, brand),
    ]
    return Section(brand, as_of, headlines, figures, missing)


def _unobserved(rows: list[Row]) -> set[str]:
    return {row["journey_stage"] for row in rows if not row["is_observed"]}


def _broken(context: Context, rows: list[Row]) -> list[Headline]:
    recent = latest([row for row in journey_figures.settled(rows) if row["ended"]])
    if not recent:
        return []
    broken, ended = total(recent, "broken"), total(recent, "ended")
    estimate = share(broken, ended, context.min_cell)
    return [
        Headline(
            label=_("Journeys that broke"),
            metric=f"{JOURNEYS}.broken_share",
            unit="share",
            estimate=estimate,
            observed=_("episodes"),
            sentence=_(
                "{broken:,} of {episodes} were left unsolved by a customer who was not heard of about it within "
                "{journey_window_days} days ({period}).",
                broken=broken,
                episodes=wording.count(ended, "episode"),
                journey_window_days=recent[0]["journey_window_days"],
                period=period_of(recent),
            ),
            definition=Definition(JOURNEYS, ("broken_share", "broken", "ended"), MONTHS_POOLED),
            missing=context.too_few(estimate, _("episodes")),
        )
    ]


def _went_on(context: Context, rows: list[Row]) -> list[Headline]:
    """The conversion of the stages that have a next one."""
    found = []
    for stage, label in (("before", _("From question to purchase")), ("during", _("From purchase to service"))):
        recent = latest([row for row in rows if row["journey_stage"] == stage and row["judged"]])
        if not recent:
            continue
        went_on, judged = total(recent, "went_on"), total(recent, "judged")
        estimate = share(went_on, judged, context.min_cell)
        found.append(
            Headline(
                label=label,
                metric=f"{JOURNEYS}.went_on_share",
                unit="share",
                estimate=estimate,
                observed=_("episodes"),
                sentence=_(
                    "After {went_on:,} of {episodes} with a touch {stage} the customer was met at a later stage "
                    "within {journey_window_days} days ({period}).",
                    went_on=went_on,
                    episodes=wording.count(judged, "episode"),
                    stage=_(STAGES[stage]),
                    journey_window_days=recent[0]["journey_window_days"],
                    period=period_of(recent),
                ),
                definition=Definition(JOURNEYS, ("went_on_share", "went_on", "judged"), MONTHS_POOLED),
                missing=context.too_few(estimate, _("episodes")),
            )
        )
    return found
