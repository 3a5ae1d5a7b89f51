"""Consistency: is the service the same in every channel?"""

from datetime import datetime

from touchline.reports import (
    answer_parity_figures,
    consistency_figures,
    customer_pair_figures,
    issue_mix_figures,
    price_parity_figures,
    wording,
)
from touchline.reports.consistency_figures import MART, Instrument
from touchline.reports.content import Definition, Estimate, Figure, Headline, Page, Section
from touchline.reports.context import Context
from touchline.reports.statistics import share
from touchline.reports.words import _

_TOTALS = "period = 'all' and journey_stage = 'all' and segment_code = 'all'"

_OTHERS = (price_parity_figures, answer_parity_figures)

QUERIES = {
    "consistency": f"""
        select brand, survey_type, survey_version, surveys, responses, channel_count, compared_responses, mean_score,
            lowest_channel_mean, highest_channel_mean, eta_squared, raw_consistency, consistency,
            permutation_p_value, permutations, min_channel_responses
        from rpt_channel_consistency where {_TOTALS}
        order by brand, responses desc, survey_type collate "C", survey_version collate "C"
    """,
    "consistency_months": """
        select brand, survey_type, survey_version, period, responses, surveys, channel_count, raw_consistency,
            consistency, permutation_p_value
        from rpt_channel_consistency
        where period <> 'all' and journey_stage = 'all' and segment_code = 'all'
        order by brand, survey_type, survey_version, period
    """,
    "channel_pairs": f"""
        select brand, survey_type, survey_version, channel, other_channel, responses, other_responses, mean_score,
            other_mean_score, jsd, kolmogorov_smirnov, wasserstein_1
        from rpt_channel_pairs where {_TOTALS}
        order by brand, wasserstein_1 desc, channel collate "C", other_channel collate "C"
    """,
    "scores": """
        select brand, survey_type, survey_version, service_channel as channel, score, min(scale_min) as scale_min,
            max(scale_max) as scale_max, bool_and(higher_is_better) as higher_is_better, count(*) as answers
        from fct_surveys inner join horizons using (brand)
        where responded_at <= as_of and score is not null and service_channel is not null
            and survey_type <> 'employee'
        group by brand, survey_type, survey_version, service_channel, score
        order by brand, survey_type, survey_version, service_channel collate "C", score
    """,
    **issue_mix_figures.QUERIES,
    **customer_pair_figures.QUERIES,
    **price_parity_figures.QUERIES,
    **answer_parity_figures.QUERIES,
}


def build(context: Context) -> Page:
    """The page, one section a brand, its instruments one after the other."""
    return Page(
        slug="consistency",
        name=_("Omnichannel consistency"),
        title=_("Is the service the same in every channel?"),
        lead=_(
            "Every survey instrument by itself, over all its answers up to the brand's closing instant. 1 means that "
            "the scores of all channels spread alike; equally bad is consistent, too, so the level always stands "
            "beside it. Then the same issues, the same persons, the same goods and the same questions: does each of "
            "them meet one company in all channels?"
        ),
        sections=[_section(context, brand, as_of) for brand, as_of in context.brands.items()],
    )


def headlines(context: Context, brand: str) -> list[Headline]:
    """Each instrument, the most answered one first; then prices and answers."""
    surveys = [
        headline
        for instrument in instruments(context, brand)
        for headline in (
            *_instrument_headlines(context, instrument),
            *issue_mix_figures.headlines(context, brand, instrument),
            *customer_pair_figures.headlines(context, brand, instrument),
        )
    ]
    return surveys + [headline for other in _OTHERS for headline in other.headlines(context, brand)]


def instruments(context: Context, brand: str) -> list[Instrument]:
    """The survey instruments of a brand, the most answered one first."""
    return [Instrument(row) for row in context.of("consistency", brand)]


def _section(context: Context, brand: str, as_of: datetime) -> Section:
    found = instruments(context, brand)
    missing = [] if found else [_("No survey responses: no source of this brand delivered a survey.")]
    figures: list[Figure] = []
    for instrument in found:
        figures += consistency_figures.figures(context, brand, instrument)
        figures += customer_pair_figures.figures(context, brand, instrument)
    for other in (issue_mix_figures, *_OTHERS):
        missing += other.missing(context, brand)
        figures += other.figures(context, brand)
    return Section(brand, as_of, headlines(context, brand), figures, missing)


def _instrument_headlines(context: Context, instrument: Instrument) -> list[Headline]:
    row = instrument.row
    response = share(row["responses"], row["surveys"], context.min_cell)
    return [
        consistency_headline(instrument),
        Headline(
            label=_("Answered, {name}", name=instrument.name),
            metric=f"{MART}.response_share",
            unit="share",
            estimate=response,
            observed=_("surveys sent"),
            sentence=_(
                "{responses:,} of {surveys} came back; the others say nothing, neither good nor bad.",
                responses=row["responses"],
                surveys=wording.count(row["surveys"], "survey"),
            ),
            definition=Definition(MART, ("response_share", "surveys", "responses"), _("The interval is Wilson's.")),
            missing=context.too_few(response, _("surveys")),
        ),
    ]


def consistency_headline(instrument: Instrument) -> Headline:
    """The published consistency of one instrument; chance stands beside it in place of an interval."""
    row = instrument.row
    is_known = row["consistency"] is not None
    value = float(row["consistency"]) if is_known else None
    sentence = (
        _(
            "{channel_count} channels; their mean scores run from {lowest_channel_mean:.2f} to "
            "{highest_channel_mean:.2f} (all: {mean_score:.2f}).",
            channel_count=row["channel_count"],
            lowest_channel_mean=row["lowest_channel_mean"],
            highest_channel_mean=row["highest_channel_mean"],
            mean_score=row["mean_score"],
        )
        if is_known
        else ""
    )
    return Headline(
        label=_("Consistency, {name}", name=instrument.name),
        metric=f"{MART}.consistency",
        unit="index",
        estimate=Estimate(value, None, None, int(row["compared_responses"])),
        observed=_("compared answers"),
        sentence=sentence,
        definition=Definition(
            MART,
            ("consistency", "raw_consistency", "equal_n_consistency", "permutation_p_value", "min_channel_responses"),
            _(
                "Whether the channels differ at all is tested by relabelling answers at random: p is the share of "
                "relabellings that look as different as the data."
            ),
        ),
        missing="" if is_known else _why_not_compared(instrument),
        uncertainty=_chance(instrument) if is_known else "",
        page="consistency",
    )


def _chance(instrument: Instrument) -> str:
    row = instrument.row
    if row["permutation_p_value"] is None:
        return _("No permutation test")
    return _(
        "p = {permutation_p_value:.3f} over {permutations:,} relabellings",
        permutation_p_value=row["permutation_p_value"],
        permutations=row["permutations"],
    )


def _why_not_compared(instrument: Instrument) -> str:
    needed = instrument.row["min_channel_responses"]
    return _("fewer than two channels have {needed} scored answers", needed=needed)
