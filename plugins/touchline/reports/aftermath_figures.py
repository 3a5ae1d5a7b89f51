"""What is made good the same day, and what customers feel and do afterwards, for the page on recovery."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row

SAME_DAY, PARADOX = "rpt_same_day", "rpt_recovery_paradox"
STANDINGS = {"recovered": "Made good", "rejected": "Made good, rejected", "unrecovered": "Not made good"}
COMPARISONS = {"within_person": "than before", "between_persons": "than customers like them"}
BASES = {"hours": "business days by hours and holidays", "calendar": "calendar days, for no hours are known"}

QUERIES = {
    "same_day": f"""
        select * from {SAME_DAY} where failure_type = 'all' or (severity = 'all' and judged > 0)
        order by brand, judged desc, failure_type collate "C", severity collate "C", day_basis collate "C"
    """,
    "paradox": f"""
        select * from {PARADOX}
        order by brand, outcome collate "C" desc, comparison collate "C" desc, survey_type collate "C",
            survey_version collate "C", standing collate "C", severity collate "C", failure_type collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Made good on the same business day, and what a good recovery does to the scores of the same persons."""
    return [*_same_day(context, brand), *_paradox(context, brand)]


def missing(context: Context, brand: str) -> list[str]:
    """What cannot be said of the time after a failure."""
    rows = context.of("paradox", brand)
    if any(row["difference"] is not None for row in rows):
        return []
    least = f"fewer than {context.min_cell} persons whom a failure met"
    return [f"No paradox: {least} answered before it and after it, or can be held against others."]


def figures(context: Context, brand: str) -> list[Figure]:
    """Same day by kind of failure; scores and purchases after a failure."""
    days = [row for row in context.of("same_day", brand) if row["period"] == "all"]
    rows = [row for row in context.of("paradox", brand) if row["observations"]]
    return [*([_days(days)] if days else []), *([_effects(rows)] if rows else [])]


def _same_day(context: Context, brand: str) -> list[Headline]:
    rows = [row for row in context.of("same_day", brand) if row["failure_type"] == "all" == row["severity"]]
    everything = [row for row in rows if row["period"] == "all" == row["day_basis"]]
    if not everything:
        return []
    [row] = everything
    estimate = estimate_of(row, "same_day_share", "judged")
    bases = [
        f"{one['failures']:,} by {BASES[one['day_basis']]}"
        for one in sorted(rows, key=lambda row: str(row["day_basis"]), reverse=True)
        if one["day_basis"] in BASES
    ]
    return [
        Headline(
            label="Made good the same day",
            metric=f"{SAME_DAY}.same_day_share",
            unit="share",
            estimate=estimate,
            observed="failures",
            sentence=f"{row['same_day']:,} of {wording.count(row['judged'], 'failure')} were made good before the "
            f"business day was over; {row['unrecovered']:,} never were. Days: {wording.listing(bases)}.",
            definition=Definition(SAME_DAY, ("same_day_share", "same_day", "judged", "day_basis"), ""),
            missing=context.too_few(estimate, "failures"),
        )
    ]


def _paradox(context: Context, brand: str) -> list[Headline]:
    rows = [
        row
        for row in context.of("paradox", brand)
        if row["standing"] == "recovered" and row["severity"] == row["failure_type"] == "all"
        if row["comparison"] == "within_person" and row["difference"] is not None
    ]
    if not rows:
        return []
    row = max(rows, key=lambda row: int(row["persons"]))
    estimate = estimate_of(row, "difference", "persons")
    return [
        Headline(
            label="Score after a good recovery",
            metric=f"{PARADOX}.difference",
            unit="number",
            estimate=estimate,
            observed="customers",
            sentence=f"So much of the scale of {_instrument(row)} do customers whose failure was made good stand above "
            f"(below: minus) where they stood before it; {_answered(row)}. An association, not a cause.",
            definition=Definition(PARADOX, ("difference", "outcome_mean", "reference_mean", "standing"), ""),
            missing=context.too_few(estimate, "customers"),
        )
    ]


def _days(rows: list[Row]) -> Figure:
    kinds = [row for row in rows if row["severity"] == row["day_basis"] == "all" or row["failure_type"] != "all"]
    kinds = [row for row in kinds if row["severity"] == "all"]
    levels = [(_words(row["failure_type"]), estimate_of(row, "same_day_share", "judged"), row) for row in kinds]
    points = [dot(f"{words}\nn = {one.n:,}", one) for words, one, _ in levels if one.value is not None]
    parts = {"same_day": "Same day", "later": "Later", "unrecovered": "Never"}
    return Figure(
        slug="same-day",
        title="Is it made good before the day is over?",
        text="Share of failures made good on the business day of the unit that failed: by its hours and holidays, else "
        "by local calendar days. Failures whose day is not over are not judged; those never made good count.",
        alt=f"Dot chart of failures made good the same day by kind, {spread(one for _, one, _ in levels)}.",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("failure", "Failure"),
                *estimate_columns("Judged"),
                *(Column(part, words, "count") for part, words in parts.items()),
            ),
            [(words, *cells(one), *(row[part] for part in parts)) for words, one, row in levels],
        ),
        definition=Definition(SAME_DAY, ("same_day_share", "same_day", "judged", "unrecovered"), ""),
    )


def _effects(rows: list[Row]) -> Figure:
    known = [row for row in rows if row["difference"] is not None and row["severity"] == row["failure_type"] == "all"]
    points = [
        dot(f"{STANDINGS[row['standing']]}, {_measure(row)}\nn = {row['persons']:,}", estimate, "number")
        for row in known
        if (estimate := estimate_of(row, "difference", "persons"))
    ]
    return Figure(
        slug="recovery-paradox",
        title="Are customers whose failure was made good happier, or more loyal, than if nothing had gone wrong?",
        text="Differences of scores (as shares of the scale) and of the share who bought again, satisfaction and "
        "purchases apart: the same persons after a failure and before it, and customers whom a failure met in a week "
        "beside customers of the same recency, frequency, segment and last score whom none met. Whoever is looked at "
        "before a recovery is completed counts as not made good. Associations, not causes.",
        alt=f"Dot chart of {wording.count(len(points), 'difference')} after failures.",
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("standing", "Failure"),
                Column("measure", "Measure"),
                Column("instrument", "Instrument"),
                Column("cut", "Severity or kind"),
                *estimate_columns("Customers", "number"),
                Column("response", "Response rate", "share"),
            ),
            [
                (
                    STANDINGS[row["standing"]],
                    _measure(row),
                    _instrument(row),
                    _cut(row),
                    *cells(estimate_of(row, "difference", "persons")),
                    None if row["response_rate"] is None else float(row["response_rate"]),
                )
                for row in rows
            ],
        ),
        definition=Definition(PARADOX, ("difference", "comparison", "standing", "response_rate", "window_days"), ""),
    )


def _measure(row: Row) -> str:
    what = "score" if row["outcome"] == "satisfaction" else "bought again"
    return f"{what} {COMPARISONS[row['comparison']]}"


def _instrument(row: Row) -> str:
    return "–" if row["survey_type"] == "all" else one_line(f"{row['survey_type'].upper()} {row['survey_version']}")  # noqa: RUF001


def _cut(row: Row) -> str:
    if row["failure_type"] != "all":
        return _words(row["failure_type"])
    return "all" if row["severity"] == "all" else f"severity {row['severity']}"


def _answered(row: Row) -> str:
    return f"{row['answered']:,} of {wording.count(row['asked'], 'survey')} were answered"


def _words(text: object) -> str:
    return one_line(text).replace("_", " ")
