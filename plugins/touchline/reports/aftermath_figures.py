"""What is made good the same day, and what customers feel and do afterwards, for the page on recovery."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import N_, _

SAME_DAY, PARADOX = "rpt_same_day", "rpt_recovery_paradox"
STANDINGS = {
    "recovered": N_("Made good"),
    "rejected": N_("Made good, rejected"),
    "unrecovered": N_("Not made good"),
}
MEASURES = {
    ("satisfaction", "within_person"): N_("score against before"),
    ("satisfaction", "between_persons"): N_("score against like customers"),
    ("repurchase", "between_persons"): N_("bought again against like customers"),
}
BASES = {
    "hours": N_("{n:,} by hours and holidays of the place"),
    "calendar": N_("{n:,} by calendar days, for no hours are known"),
}
DAY_PARTS = {"same_day": N_("Same day"), "later": N_("Later"), "unrecovered": N_("Never")}

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
    return [
        _(
            "No paradox: fewer than {least} persons whom a failure met answered before it and after it, or can be held "
            "against others.",
            least=context.min_cell,
        )
    ]


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
        _(BASES[one["day_basis"]], n=one["failures"])
        for one in sorted(rows, key=lambda row: str(row["day_basis"]), reverse=True)
        if one["day_basis"] in BASES
    ]
    return [
        Headline(
            label=_("Made good the same day"),
            metric=f"{SAME_DAY}.same_day_share",
            unit="share",
            estimate=estimate,
            observed=_("failures"),
            sentence=_(
                "{same_day:,} of {failures} were made good before the business day was over; {never:,} never were. "
                "Days: {bases}.",
                same_day=row["same_day"],
                failures=wording.count(row["judged"], "failure"),
                never=row["unrecovered"],
                bases=wording.listing(bases),
            ),
            definition=Definition(SAME_DAY, ("same_day_share", "same_day", "judged", "day_basis"), ""),
            missing=context.too_few(estimate, _("failures")),
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
            label=_("Score after a good recovery"),
            metric=f"{PARADOX}.difference",
            unit="number",
            estimate=estimate,
            observed=_("customers"),
            sentence=_(
                "So much of the scale of {instrument} do customers whose failure was made good stand above (below: "
                "minus) where they stood before it; {answered:,} of {surveys} were answered. An association, not a "
                "cause.",
                instrument=_instrument(row),
                answered=row["answered"],
                surveys=wording.count(row["asked"], "survey"),
            ),
            definition=Definition(PARADOX, ("difference", "outcome_mean", "reference_mean", "standing"), ""),
            missing=context.too_few(estimate, _("customers")),
        )
    ]


def _days(rows: list[Row]) -> Figure:
    kinds = [row for row in rows if row["severity"] == row["day_basis"] == "all" or row["failure_type"] != "all"]
    kinds = [row for row in kinds if row["severity"] == "all"]
    levels = [(_words(row["failure_type"]), estimate_of(row, "same_day_share", "judged"), row) for row in kinds]
    points = [dot(f"{words}\nn = {one.n:,}", one) for words, one, _row in levels if one.value is not None]
    return Figure(
        slug="same-day",
        title=_("Is it made good before the day is over?"),
        text=_(
            "Share of failures made good on the business day of the unit that failed: by its hours and holidays, else "
            "by local calendar days. Failures whose day is not over are not judged; those never made good count."
        ),
        alt=_(
            "Dot chart of failures made good the same day by kind, {spread}.",
            spread=spread(one for _kind, one, _row in levels),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("failure", _("Failure")),
                *estimate_columns(_("Judged")),
                *(Column(part, _(words), "count") for part, words in DAY_PARTS.items()),
            ),
            [(words, *cells(one), *(row[part] for part in DAY_PARTS)) for words, one, row in levels],
        ),
        definition=Definition(SAME_DAY, ("same_day_share", "same_day", "judged", "unrecovered"), ""),
    )


def _effects(rows: list[Row]) -> Figure:
    known = [row for row in rows if row["difference"] is not None and row["severity"] == row["failure_type"] == "all"]
    points = [
        dot(f"{_(STANDINGS[row['standing']])}, {_measure(row)}\nn = {row['persons']:,}", estimate, "number")
        for row in known
        if (estimate := estimate_of(row, "difference", "persons"))
    ]
    return Figure(
        slug="recovery-paradox",
        title=_("Are customers whose failure was made good happier, or more loyal, than if nothing had gone wrong?"),
        text=_(
            "Differences of scores (as shares of the scale) and of the share who bought again, satisfaction and "
            "purchases apart: the same persons after a failure and before it, and customers whom a failure met in a "
            "week beside customers of the same recency, frequency, segment and last score whom none met. Whoever is "
            "seen before a recovery is completed counts as not made good. Associations, not causes."
        ),
        alt=_("Dot chart of {differences} after failures.", differences=wording.count(len(points), "difference")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("standing", _("Failure")),
                Column("measure", _("Measure")),
                Column("instrument", _("Instrument")),
                Column("cut", _("Severity or kind")),
                *estimate_columns(_("Customers"), "number"),
                Column("response", _("Response rate"), "share"),
            ),
            [
                (
                    _(STANDINGS[row["standing"]]),
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
    return _(MEASURES[row["outcome"], row["comparison"]])


def _instrument(row: Row) -> str:
    return "–" if row["survey_type"] == "all" else one_line(f"{row['survey_type'].upper()} {row['survey_version']}")  # noqa: RUF001


def _cut(row: Row) -> str:
    if row["failure_type"] != "all":
        return _words(row["failure_type"])
    return named("all") if row["severity"] == "all" else _("severity {level}", level=one_line(row["severity"]))


def _words(text: object) -> str:
    return named(text).replace("_", " ")
