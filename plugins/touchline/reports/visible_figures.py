"""What is seen of the service, for the page on journeys: reviews after episodes, and messages that a case is closed."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import (
    MONTHS_POOLED,
    Context,
    cells,
    dot,
    estimate_columns,
    latest,
    named,
    period_of,
    spread,
    total,
)
from touchline.reports.headlines import pooled_share
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_visible_results"
PARTS = {
    "reviewed": (N_("Reviewed in public"), "judged"),
    "commented": (N_("... with words"), "judged"),
    "with_media": (N_("... with pictures"), "judged"),
    "messaged_cases": (N_("Case closed with a message"), "closed_cases"),
}
NOT_SEEN = {
    "reviewed": N_("reviews of known customers"),
    "with_media": N_("pictures with reviews"),
    "messaged_cases": N_("closing messages"),
}

QUERIES = {
    "visible_results": 'select * from rpt_visible_results order by brand, period_month, channel collate "C"',
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Episodes reviewed in public, over the latest months; none where no review follows any."""
    rows = [row for row in latest(context.of("visible_results", brand), "judged") if row["channel"] == "all"]
    if not rows or rows[-1]["reviewed"] is None:
        return []
    reviewed, judged = total(rows, "reviewed"), total(rows, "judged")
    return [
        pooled_share(
            context,
            MART,
            ("reviewed_share", "reviewed", "judged"),
            (reviewed, judged),
            label=_("Reviewed in public"),
            observed=_("episodes"),
            sentence=_(
                "{reviewed:,} of {episodes} were reviewed by their customer within {days} days ({period}).",
                reviewed=reviewed,
                episodes=wording.count(judged, "episode"),
                days=rows[0]["word_of_mouth_days"],
                period=period_of(rows),
            ),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """What nobody could see of the brand's service."""
    rows = context.of("visible_results", brand)
    if not rows:
        return [_("Nothing of visible results: no episode of a known person of this brand has ended.")]
    silent = [_(text) for part, text in NOT_SEEN.items() if rows[-1][part] is None]
    return [_("Not seen after any episode: {names}.", names=wording.listing(silent))] if silent else []


def figures(context: Context, brand: str) -> list[Figure]:
    """Part by part over the latest months, by channel in the table."""
    rows = latest(context.of("visible_results", brand), "judged")
    overall = [row for row in rows if row["channel"] == "all"]
    parts = {part: one for part in PARTS if (one := _share(context, overall, part)) is not None}
    if not parts:
        return []
    points = [dot(f"{_(PARTS[part][0])}\nn = {one.n:,}", one) for part, one in parts.items() if one.value is not None]
    channels = ["all", *sorted({row["channel"] for row in rows} - {"all"})]
    return [
        Figure(
            slug="visible-results",
            title=_("Is the service seen?"),
            text=_(
                "Share of episodes of the latest months that their customer reviewed within {days} days, with words, "
                "with pictures; share of closed cases on which a closing message was sent. Who reviews chooses to: "
                "this tells of visibility, not of satisfaction. The table adds the channels of the last touch.",
                days=rows[0]["word_of_mouth_days"],
            ),
            alt=_(
                "Dot chart of {parts}, {spread}.",
                parts=wording.count(len(points), "part"),
                spread=spread(parts.values()),
            ),
            draw=partial(charts.dots, points) if points else None,
            table=Table(
                (Column("part", _("What was seen")), Column("channel", _("Channel")), *estimate_columns(_("Observed"))),
                [
                    (_(PARTS[part][0]), named(channel), *cells(one))
                    for part in parts
                    for channel in channels
                    if (one := _share(context, [row for row in rows if row["channel"] == channel], part))
                ],
            ),
            definition=Definition(
                MART, ("reviewed_share", "commented_share", "with_media_share", "message_share"), MONTHS_POOLED
            ),
        )
    ]


def _share(context: Context, rows: list[Row], part: str) -> Estimate | None:
    if all(row[part] is None for row in rows):
        return None
    return share(total(rows, part), total(rows, PARTS[part][1]), context.min_cell)
