"""Satisfied is not loyal: whether those who give the best score come back more, for the page on retention."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART, BOXES = "rpt_top_box_loyalty", "rpt_top_box"
OUTCOMES = {"repurchase": N_("bought again soon"), "retention": N_("did not lapse")}
FREQUENCIES = ("all", "1", "2-3", "4-7", "8+")

QUERIES = {
    "loyalty": f"""
        select * from {MART} order by brand, top_box_customers desc, survey_version collate "C", outcome collate "C",
            purchase_days collate "C"
    """,
    "boxes": f"""
        select brand, survey_version, surveys, responses, top_box, merely_satisfied, response_rate from {BOXES}
        where period = 'all' and channel = 'all' and segment_code = 'all'
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """How much more seldom those who gave the best score lapse than the merely satisfied."""
    rows = [row for row in _main(context, brand) if row["purchase_days"] == "all" and row["outcome"] == "retention"]
    if not rows:
        return []
    [row] = rows
    estimate = estimate_of(row, "difference", "top_box_customers")
    return [
        Headline(
            label=_("Best score, more loyal"),
            metric=f"{MART}.difference",
            unit="share",
            estimate=estimate,
            observed=_("customers"),
            sentence=_(
                "So much more (less: minus) of those who gave the best score ({version}) bought within {days} days "
                "than of {others} merely satisfied with the same past.",
                version=one_line(row["survey_version"]),
                days=row["lapse_days"],
                others=wording.count(row["merely_satisfied_customers"], "customer"),
            )
            + _answered(context, row),
            definition=Definition(MART, ("difference", "top_box_share", "merely_satisfied_share", "outcome"), ""),
            missing=context.too_few(estimate, _("customers")),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Whether there is anything to compare."""
    if context.of("loyalty", brand):
        return []
    return [_("Nothing on the best score and loyalty: no customer gave it who has somebody alike among the satisfied.")]


def figures(context: Context, brand: str) -> list[Figure]:
    """By how often the customers had bought."""
    rows = [row for row in _main(context, brand) if row["difference"] is not None]
    if not rows:
        return []
    rows.sort(key=lambda row: (row["outcome"], FREQUENCIES.index(row["purchase_days"])))
    first = rows[0]
    levels = [(row, estimate_of(row, "difference", "top_box_customers")) for row in rows]
    points = [dot(f"{_words(row)}\nn = {estimate.n:,}", estimate) for row, estimate in levels]
    return [
        Figure(
            slug="best-score-and-loyalty",
            title=_("Are those who give the best score more loyal than the merely satisfied?"),
            text=_(
                "Share who bought within {soon} days (soon) and {days} days after a week (did not lapse): those whose "
                "last answer was the best score, less the merely satisfied of the same recency, purchase frequency, "
                "segment and channel; by the days on which they had bought. Associations, not causes.",
                soon=first["repurchase_days"],
                days=first["lapse_days"],
            )
            + _answered(context, first),
            alt=_(
                "Dot chart of {differences} between best score and merely satisfied.",
                differences=wording.count(len(points), "difference"),
            ),
            draw=partial(charts.dots, points),
            table=Table(
                (
                    Column("measure", _("Measure")),
                    *estimate_columns(_("Customers")),
                    Column("top", _("Best score"), "share"),
                    Column("satisfied", _("Merely satisfied"), "share"),
                ),
                [
                    (
                        _words(row),
                        *cells(estimate),
                        float(row["top_box_share"]),
                        float(row["merely_satisfied_share"]),
                    )
                    for row, estimate in levels
                ],
            ),
            definition=Definition(MART, ("difference", "top_box_share", "merely_satisfied_share", "purchase_days"), ""),
        )
    ]


def _main(context: Context, brand: str) -> list[Row]:
    """Rows of the instrument with most answers at the top."""
    rows = context.of("loyalty", brand)
    return [row for row in rows if row["survey_version"] == rows[0]["survey_version"]]


def _words(row: Row) -> str:
    outcome = _(OUTCOMES[row["outcome"]])
    if row["purchase_days"] == "all":
        return outcome
    return _("{outcome}, {often} purchase days", outcome=outcome, often=row["purchase_days"])


def _answered(context: Context, row: Row) -> str:
    boxes = {box["survey_version"]: box for box in context.of("boxes", row["brand"])}
    box = boxes.get(row["survey_version"])
    if box is None:
        return ""
    surveys = wording.count(box["surveys"], "survey")
    return " " + _("{responses:,} of {surveys} were answered.", responses=box["responses"], surveys=surveys)
