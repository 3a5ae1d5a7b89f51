"""The gaps model and what went beyond expectation, for the page on gaps and standards."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import _

GAPS, EXPECTATIONS = "rpt_service_gaps", "rpt_expectations"

QUERIES = {
    "service_gaps": """
        select * from rpt_service_gaps
        order by brand, instrument collate "C", dimension = 'all', customer_gap nulls last, dimension collate "C"
    """,
    "expectations": """
        select * from rpt_expectations where period = 'all' and (basis = 'promise' or item_code <> 'all')
        order by brand, basis, instrument collate "C", above_share nulls last, item_code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """The gap of all dimensions, one an instrument."""
    rows = [row for row in context.of("service_gaps", brand) if row["dimension"] == "all" and row["answers"]]
    found = []
    for row in rows:
        estimate = estimate_of(row, "customer_gap", "answers")
        found.append(
            Headline(
                label=_("Customer gap, {instrument}", instrument=one_line(row["instrument"])),
                metric=f"{GAPS}.customer_gap",
                unit="number",
                estimate=estimate,
                observed=_("responses"),
                sentence=_(
                    "What customers perceived minus what they expected, all dimensions alike; below 0 the service "
                    "fell short."
                ),
                definition=Definition(GAPS, ("customer_gap", "weighted_gap", "answers"), ""),
                missing=context.too_few(estimate, _("responses")),
            )
        )
    return found


def figures(context: Context, brand: str) -> list[Figure]:
    """What the two marts hold of the brand."""
    found: list[Figure] = []
    if gaps := context.of("service_gaps", brand):
        found.append(_gaps(gaps))
    if items := context.of("expectations", brand):
        found.append(_items(items))
    return found


def _gaps(rows: list[Row]) -> Figure:
    estimates = [(_named(row), estimate_of(row | {"n": row["answers"] or 0}, "customer_gap", "n")) for row in rows]
    shown = [(name, estimate) for name, estimate in estimates if estimate.value is not None]
    points = [dot(f"{name}\nn = {estimate.n:,}", estimate, "number") for name, estimate in shown]
    names = (
        ("expectation_mean", _("Expected"), "number"),
        ("perception_mean", _("Perceived"), "number"),
        ("weighted_gap", _("Gap, weighted"), "number"),
        ("management_expectation", _("Managers believe"), "number"),
        ("listening_gap", _("Listening gap"), "number"),
        ("covered_share", _("Expectations with a standard"), "share"),
        ("attainment", _("Days at standard"), "share"),
        ("promises_kept_share", _("Promises kept"), "share"),
    )
    return Figure(
        slug="service-gaps",
        title=_("Where do we fall short of what customers expect, and why?"),
        text=_(
            "Perception minus expectation by dimension. The table goes inside the company: do managers know what is "
            "expected, is there a standard for it, is it kept, and is what was promised kept?"
        ),
        alt=_("Dot chart of the gaps of {dimensions}.", dimensions=wording.count(len(shown), "dimension")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("dimension", _("Dimension")),
                *estimate_columns(_("Responses"), "number"),
                *(Column(name, label, "share" if kind == "share" else "number") for name, label, kind in names),
            ),
            [
                (label, *cells(estimate), *(None if row[name] is None else float(row[name]) for name, *_ in names))
                for (label, estimate), row in zip(estimates, rows, strict=True)
            ],
        ),
        definition=Definition(
            GAPS, ("customer_gap", "listening_gap", "covered_share", "attainment", "promises_kept_share"), ""
        ),
    )


def _items(rows: list[Row]) -> Figure:
    estimates = [(one_line(row["item_code"]), estimate_of(row, "above_share", "judged"), row) for row in rows]
    hours = rows[0]["promise_margin_hours"]
    return Figure(
        slug="beyond-expectation",
        title=_("What goes beyond expectation?"),
        text=_(
            "Share of answers that perceive more than was expected, item by item, and of promises due that were "
            "fulfilled {hours} hours or more before their date. Who expects the top of the scale cannot be surpassed.",
            hours=hours,
        ),
        alt=_(
            "List of {items}, {spread}.",
            items=wording.count(len(rows), "item"),
            spread=spread(estimate for _, estimate, _ in estimates),
        ),
        table=Table(
            (
                Column("item", _("Item or promise")),
                Column("dimension", _("Dimension")),
                Column("instrument", _("Asked by")),
                *estimate_columns(_("Judged")),
                Column("met", _("As expected"), "count"),
                Column("below", _("Below"), "count"),
                Column("gap_mean", _("Gap"), "number"),
                Column("at_scale_max", _("Expect the top"), "count"),
            ),
            [
                (
                    name,
                    one_line(row["dimension"]),
                    one_line(row["instrument"]),
                    *cells(estimate),
                    row["met"],
                    row["below"],
                    None if row["gap_mean"] is None else float(row["gap_mean"]),
                    row["at_scale_max"],
                )
                for name, estimate, row in estimates
            ],
        ),
        definition=Definition(EXPECTATIONS, ("above_share", "met", "below", "gap_mean", "at_scale_max"), ""),
    )


def _named(row: Row) -> str:
    asked = "" if row["instrument"] == "none" else f", {one_line(row['instrument'])}"
    return f"{named(row['dimension'])}{asked}"
