"""Who takes part, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, spread
from touchline.reports.published import Row
from touchline.reports.words import _

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
        found.append(_("No surveys were sent to known persons."))
    if not rows or not rows[-1]["suggestions"]:
        found.append(_("No suggestions: no source of this brand delivered any of a known person."))
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
                label=_("Silent customers"),
                metric=f"{PARTICIPATION}.silent_share",
                unit="share",
                estimate=silence,
                observed=_("customers"),
                sentence=_(
                    "{customers_silent:,} of {customers} who were sent a survey never answered one: no score speaks "
                    "for them.",
                    customers_silent=every["customers_silent"],
                    customers=wording.count(every["customers_asked"], "customer"),
                ),
                definition=Definition(PARTICIPATION, ("silent_share", "answer_share"), ""),
                missing=context.too_few(silence, _("customers")),
            )
        )
    if every["suggestions_judged"]:
        adopted = estimate_of(every, "adopted_share", "suggestions_judged")
        found.append(
            Headline(
                label=_("Suggestions adopted"),
                metric=f"{PARTICIPATION}.adopted_share",
                unit="share",
                estimate=adopted,
                observed=_("suggestions"),
                sentence=_(
                    "Of customers' suggestions, those adopted within {window_days} days.",
                    window_days=every["window_days"],
                ),
                definition=Definition(PARTICIPATION, ("adopted_share", "suggestions_judged"), ""),
                missing=context.too_few(adopted, _("suggestions")),
            )
        )
    return found


def figures(context: Context, brand: str) -> list[Figure]:
    """Participation by segment."""
    rows = context.of("participation", brand)
    return [_by_segment(rows)] if rows else []


def _by_segment(rows: list[Row]) -> Figure:
    estimates = [(named(row["segment_code"]), estimate_of(row, "answer_share", "surveys_asked"), row) for row in rows]
    shown = [(name, estimate) for name, estimate, _ in estimates if estimate.value is not None]
    points = [dot(_("{name}\nn = {n:,} surveys", name=name, n=estimate.n), estimate) for name, estimate in shown]
    counts = ("customers", "suggestions", "customers_suggesting", "suggestions_adopted", "complaints")
    return Figure(
        slug="participation",
        title=_("Who takes part?"),
        text=_(
            "Surveys answered of those sent, by segment; the interval counts persons. The table has suggestions and "
            "the demanding: the tenth with most complaints and suggestions per purchase, of {min_purchases} purchases "
            "or more.",
            min_purchases=rows[0]["min_purchases"],
        ),
        alt=_(
            "Dot chart of surveys answered in {segments}, {spread}.",
            segments=wording.count(len(shown), "segment"),
            spread=spread(estimate for _, estimate in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("segment", _("Segment")),
                *estimate_columns(_("Surveys sent")),
                Column("silent_share", _("Silent customers"), "share"),
                Column("customers", _("Customers"), "count"),
                Column("suggestions", _("Suggestions"), "count"),
                Column("customers_suggesting", _("Customers who made one"), "count"),
                Column("suggestions_adopted", _("Adopted in time"), "count"),
                Column("complaints", _("Complaints"), "count"),
                Column("customers_rated", _("Bought often enough"), "count"),
                Column("customers_demanding", _("Demanding"), "count"),
                Column("demanding_answer_share", _("Surveys they answered"), "share"),
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
