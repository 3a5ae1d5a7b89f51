"""Channels at an equal mix of issues, for the page on consistency: do they serve alike, or only meet other issues?"""

from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.consistency_figures import Instrument
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_issue_mix_consistency"
WITHIN = N_(
    "Answers that name a call or case, about issues that all compared channels meet; each issue weighs as much in "
    "every channel as in all of them together. p comes from relabelling answers at random within each issue."
)
REASONS = {
    "no_issue_named": N_("no answer names a call or case with an issue"),
    "too_few_channels": N_("fewer than two channels have enough answers that name an issue"),
    "issues_not_shared": N_("the channels have too few issues in common"),
}

QUERIES = {
    "issue_mix": """
        select * from rpt_issue_mix_consistency where period = 'all'
        order by brand, compared_responses desc, survey_type collate "C", survey_version collate "C"
    """,
}


def headlines(context: Context, brand: str, instrument: Instrument) -> list[Headline]:
    """How alike the channels are at an equal mix of issues; nothing where they cannot be compared so."""
    return [
        Headline(
            label=_("Consistency at an equal mix of issues, {name}", name=instrument.name),
            metric=f"{MART}.equal_mix_consistency",
            unit="index",
            estimate=Estimate(float(row["equal_mix_consistency"]), None, None, int(row["compared_responses"])),
            observed=_("compared answers"),
            sentence=_(
                "If every channel met the same issues; as customers bring them, the same answers give "
                "{consistency:.2f}. {channel_count} channels, {issues} in common, {support_share:.0%} of their "
                "answers.",
                consistency=row["consistency"],
                channel_count=row["channel_count"],
                issues=wording.count(row["issue_count"], "issue"),
                support_share=row["support_share"],
            ),
            definition=Definition(MART, ("equal_mix_consistency", "equal_mix_p_value", "support_share"), WITHIN),
            uncertainty=_(
                "p = {permutation_p_value:.3f} over {permutations:,} relabellings",
                permutation_p_value=row["equal_mix_p_value"],
                permutations=row["permutations"],
            ),
        )
        for row in instrument.of(_compared(context, brand))
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Which instruments are not compared at an equal mix of issues, and why."""
    named = [
        _("{name} ({reason})", name=Instrument(row).name, reason=_(REASONS[row["uncompared_because"]]))
        for row in context.of("issue_mix", brand)
        if row["uncompared_because"]
    ]
    return [_("Not compared at an equal mix of issues: {names}.", names=wording.listing(named))] if named else []


def figures(context: Context, brand: str) -> list[Figure]:
    """Each instrument as customers come, and at an equal mix of issues."""
    rows = _compared(context, brand)
    return [_figure(rows)] if rows else []


def _figure(rows: list[Row]) -> Figure:
    return Figure(
        slug="issue-mix",
        title=_("Do channels serve alike, or do they only meet other issues?"),
        text=_(
            "How alike the scores of channels spread, the bias of small samples removed: as customers come, and as if "
            "every channel met the issues in the same proportion. Where only the first is low, the channels differ by "
            "what they are asked, not by how they serve. No interval; p tells whether chance would do."
        ),
        alt=_(
            "Bar chart of consistency as customers come and at an equal mix of issues, {instruments}.",
            instruments=wording.count(len(rows), "instrument"),
        ),
        draw=partial(charts.dots, [point for row in rows for point in _points(row)], is_share=False, has_bars=True),
        table=Table(
            (Column("instrument", _("Instrument")), *_COLUMNS),
            [(Instrument(row).name, *(row[column.name] for column in _COLUMNS)) for row in rows],
        ),
        definition=Definition(
            MART, ("consistency", "equal_mix_consistency", "equal_mix_p_value", "support_share"), WITHIN
        ),
    )


def _points(row: Row) -> list[dict[str, Any]]:
    name = Instrument(row).name
    labels = {
        "consistency": _("{name}, as customers come\np = {p_value:.3f}", name=name, p_value=row["permutation_p_value"]),
        "equal_mix_consistency": _(
            "{name}, equal mix of issues\np = {p_value:.3f}", name=name, p_value=row["equal_mix_p_value"]
        ),
    }
    return [
        {"label": label, "value": float(row[column]), "lower": None, "upper": None, "text": f"{row[column]:.2f}"}
        for column, label in labels.items()
    ]


def _compared(context: Context, brand: str) -> list[Row]:
    return [row for row in context.of("issue_mix", brand) if row["uncompared_because"] is None]


_COLUMNS = (
    Column("consistency", N_("As customers come"), "number"),
    Column("permutation_p_value", "p", "number"),
    Column("equal_mix_consistency", N_("Equal mix"), "number"),
    Column("equal_mix_p_value", N_("p, equal mix"), "number"),
    Column("lowest_channel_mean", N_("Lowest mean"), "number"),
    Column("highest_channel_mean", N_("Highest mean"), "number"),
    Column("lowest_channel_equal_mean", N_("Lowest, equal mix"), "number"),
    Column("highest_channel_equal_mean", N_("Highest, equal mix"), "number"),
    Column("channel_count", N_("Channels"), "count"),
    Column("issue_count", N_("Issues"), "count"),
    Column("compared_responses", N_("Compared answers"), "count"),
    Column("support_share", N_("Of their answers"), "share"),
)
