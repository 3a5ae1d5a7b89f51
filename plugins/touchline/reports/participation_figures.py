"""Who takes part, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row

PARTICIPATION = "rpt_participation"

QUERIES = {
    "participation": """
        select * from rpt_participation order by brand, segment_code = 'all', segment_code collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """What is not known of taking part."""
    rows = context.of("participation", brand)
    found = []
    if not rows or not rows[-1]["surveys_asked"]:
        found.append("No surveys were sent to known persons.")
    if not rows or not rows[-1]["suggestions"]:
        found.append("No suggestions: no source of this brand delivered any of a known person.")
    return found


def headlines(context: Context, brand: str) -> list[Headline]:
    """The silent, and what becomes of suggestions."""
    rows = context.of("participation", brand)
    if not rows:
        return []
    every, found = rows[-1], []
    if every["customers_asked"]:
        silence = estimate_of(every, "silent_share", "customers_asked")
        found.append(
            Headline(
                label="Silent customers",
                metric=f"{PARTICIPATION}.silent_share",
                unit="share",
                estimate=silence,
                observed="customers",
                sentence=f"{every['customers_silent']:,} of {wording.count(every['customers_asked'], 'customer')} who "
                "were sent a survey never answered one: no score speaks for them.",
                definition=Definition(PARTICIPATION, ("silent_share", "answer_share"), ""),
                missing=context.too_few(silence, "customers"),
            )
        )
    if every["suggestions_judged"]:
        adopted = estimate_of(every, "adopted_share", "suggestions_judged")
        found.append(
            Headline(
                label="Suggestions adopted",
                metric=f"{PARTICIPATION}.adopted_share",
                unit="share",
                estimate=adopted,
                observed="suggestions",
                sentence=f"Of customers' suggestions, those adopted within {every['window_days']} days.",
                definition=Definition(PARTICIPATION, ("adopted_share", "suggestions_judged"), ""),
                missing=context.too_few(adopted, "suggestions"),
            )
        )
    return found


def figures(context: Context, brand: str) -> list[Figure]:
    """Participation by segment."""
    rows = context.of("participation", brand)
    return [_by_segment(rows)] if rows else []


def _by_segment(rows: list[Row]) -> Figure:
    estimates = [
        (one_line(row["segment_code"]), estimate_of(row, "answer_share", "surveys_asked"), row) for row in rows
    ]
    shown = [(name, estimate) for name, estimate, _ in estimates if estimate.value is not None]
    points = [dot(f"{name}\nn = {estimate.n:,} surveys", estimate) for name, estimate in shown]
    counts = ("customers", "suggestions", "customers_suggesting", "suggestions_adopted", "complaints")
    return Figure(
        slug="participation",
        title="Who takes part?",
        text="Surveys answered of those sent, by segment; the interval counts persons. The table has suggestions and "
        f"the demanding: the tenth with most complaints and suggestions per purchase, of {rows[0]['min_purchases']} "
        "purchases or more.",
        alt=f"Dot chart of surveys answered in {wording.count(len(shown), 'segment')}, "
        f"{spread(estimate for _, estimate in shown)}.",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("segment", "Segment"),
                *estimate_columns("Surveys sent"),
                Column("silent_share", "Silent customers", "share"),
                Column("customers", "Customers", "count"),
                Column("suggestions", "Suggestions", "count"),
                Column("customers_suggesting", "Customers who made one", "count"),
                Column("suggestions_adopted", "Adopted in time", "count"),
                Column("complaints", "Complaints", "count"),
                Column("customers_rated", "Bought often enough", "count"),
                Column("customers_demanding", "Demanding", "count"),
                Column("demanding_answer_share", "Surveys they answered", "share"),
            ),
            [
                (
                    name,
                    *cells(estimate),
                    None if row["silent_share"] is None else float(row["silent_share"]),
                    *(row[count] for count in counts),
                    row["customers_rated"],
                    row["customers_demanding"],
                    None if row["demanding_answer_share"] is None else float(row["demanding_answer_share"]),
                )
                for name, estimate, row in estimates
            ],
        ),
        definition=Definition(PARTICIPATION, ("answer_share", "silent_share", *counts, "customers_demanding"), ""),
    )
