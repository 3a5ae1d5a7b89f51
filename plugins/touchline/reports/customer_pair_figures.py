"""Two channels in the eyes of the same persons, for the page on consistency."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.consistency_figures import Instrument
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, joined, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_customer_consistency"
PAIRED = N_("Persons who scored both channels, each with the mean of their answers; the interval counts persons.")

QUERIES = {
    "customer_pairs": """
        select * from rpt_customer_consistency
        order by brand, survey_type, survey_version, abs(mean_difference) desc nulls last,
            channel collate "C", other_channel collate "C"
    """,
}


def headlines(context: Context, brand: str, instrument: Instrument) -> list[Headline]:
    """The two channels furthest apart in the eyes of the same persons; nothing where no pair has enough of them."""
    rows = [row for row in _pairs(context, brand, instrument) if row["mean_difference"] is not None]
    if not rows:
        return []
    row = rows[0]
    low, high = one_line(row["channel"]), one_line(row["other_channel"])
    return [
        Headline(
            label=_("Same persons, {low} less {high}, {name}", low=low, high=high, name=instrument.name),
            metric=f"{MART}.mean_difference",
            unit="number",
            estimate=estimate_of(row, "mean_difference", "persons"),
            observed=_("persons"),
            sentence=_(
                "Who scored both gave {low} {mean_score:.2f} and {high} {other_mean_score:.2f} on average; of "
                "{persons} asked about both, {answered:,} answered.",
                low=low,
                mean_score=row["mean_score"],
                high=high,
                other_mean_score=row["other_mean_score"],
                persons=wording.count(row["persons_asked"], "person"),
                answered=row["persons"],
            ),
            definition=Definition(MART, ("mean_difference", "mean_score", "other_mean_score", "persons"), PAIRED),
        )
    ]


def figures(context: Context, brand: str, instrument: Instrument) -> list[Figure]:
    """Every pair of channels that the same persons scored."""
    rows = _pairs(context, brand, instrument)
    if not rows:
        return []
    estimates = [estimate_of(row, "mean_difference", "persons") for row in rows]
    points = [
        dot(
            _(
                "{channel} less {other_channel}\nn = {n:,} persons",
                channel=one_line(row["channel"]),
                other_channel=one_line(row["other_channel"]),
                n=one.n,
            ),
            one,
            "number",
        )
        | {"name": joined(row["channel"], row["other_channel"])}
        for row, one in zip(rows, estimates, strict=True)
        if one.value is not None
    ]
    return [
        Figure(
            slug=f"same-persons-{instrument.slug}",
            title=_("Does one and the same person find the channels alike? ({name})", name=instrument.name),
            text=_(
                "Mean difference in scale points between two channels within the persons who scored both: below 0, "
                "the second is liked better. It cannot come from channels having other customers; it may come from "
                "what these use them for."
            ),
            alt=_("Dot chart of the mean difference in {pairs} of channels.", pairs=wording.count(len(points), "pair")),
            draw=partial(charts.dots, points, is_share=False) if points else None,
            table=Table(
                (
                    Column("channel", _("Channel")),
                    Column("other_channel", _("Other channel")),
                    *estimate_columns(_("Persons"), "number"),
                    Column("mean_score", _("Mean"), "number"),
                    Column("other_mean_score", _("Other mean"), "number"),
                    Column("persons_asked", _("Asked"), "count"),
                    Column("answered_share", _("Answered both"), "share"),
                ),
                [
                    (one_line(row["channel"]), one_line(row["other_channel"]), *cells(one), *_beside(row))
                    for row, one in zip(rows, estimates, strict=True)
                ],
            ),
            definition=Definition(MART, ("mean_difference", "persons", "answered_share"), PAIRED),
        )
    ]


def _pairs(context: Context, brand: str, instrument: Instrument) -> list[Row]:
    return instrument.of(context.of("customer_pairs", brand))


def _beside(row: Row) -> tuple[object, ...]:
    return tuple(row[column] for column in ("mean_score", "other_mean_score", "persons_asked", "answered_share"))
