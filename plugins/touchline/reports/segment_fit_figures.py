"""What segments bring and cost, and whether they get what was written for them."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread, total
from touchline.reports.published import Row

FIT, STANDARDS = "rpt_segment_fit", "rpt_segment_standards"
SERVICES = {"under": "under-served", "over": "over-served", "as_written": "as written", "unknown": "not judged"}
REASONS = {
    "metric_unknown": "its metric is not in the catalogue",
    "no_share_to_reach": "not a share to reach",
    "customer_not_observed": "observations name no customer",
    "no_measurement": "nothing was measured",
    "too_few": "too few measurements",
}

QUERIES = {
    "segment_fit": """
        select * from rpt_segment_fit
        order by brand, coalesce(is_target, false) desc, segment_code = 'unknown', segment_code collate "C"
    """,
    "segment_standards": """
        select * from rpt_segment_standards where is_current
        order by brand, segment_code collate "C", standard_code collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Which part of the comparison nobody delivered."""
    rows, standards = context.of("segment_fit", brand), context.of("segment_standards", brand)
    if not any(row["segment_code"] != "unknown" for row in rows):
        return ["No segments: no source of this brand says who belongs to which (crm segment_memberships)."]
    found = []
    if not any(row["is_target"] for row in rows):
        found.append("No segment is marked as one that the brand aims at.")
    if not standards:
        found.append("No standard is written for any segment: nobody can be under- or over-served against one.")
    unjudged = [
        f"{one_line(row['standard_code'])} ({REASONS[row['unjudged_because']]})"
        for row in standards
        if row["unjudged_because"]
    ]
    return [*found, *([f"Standards of segments not judged: {wording.listing(unjudged)}."] if unjudged else [])]


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many standards of segments are fallen short of or exceeded."""
    rows = context.of("segment_standards", brand)
    judged = [row for row in rows if row["service"] != "unknown"]
    if not judged:
        return []
    under, over = ([row for row in judged if row["service"] == service] for service in ("under", "over"))
    aimed = {row["segment_code"] for row in context.of("segment_fit", brand) if row["is_target"]}
    hit = sum(row["segment_code"] in aimed for row in under)
    return [
        Headline(
            label="Segments under- or over-served",
            metric=f"{STANDARDS}.service",
            unit="share",
            estimate=Estimate((len(under) + len(over)) / len(judged), None, None, len(judged)),
            observed="standards",
            sentence=f"Of {wording.count(len(judged), 'standard')} written for a segment and measured, {len(under)} "
            f"{'is' if len(under) == 1 else 'are'} fallen short of, {hit} of these for a segment the brand aims at, "
            f"and {len(over)} exceeded.",
            definition=Definition(STANDARDS, ("service", "delivered_share", "target"), "Standards that hold today."),
            uncertainty="No interval: standards are counted",
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """Value and cost by segment, then what was written and what was delivered."""
    rows, standards = context.of("segment_fit", brand), context.of("segment_standards", brand)
    found = [_worth(rows)] if total(rows, "customers") else []
    return [*found, _delivered(standards)] if standards else found


def _worth(rows: list[Row]) -> Figure:
    currency = one_line(next((row["currency"] for row in rows if row["currency"]), "") or "")
    shown = [(row, estimate_of(row, "service_cost_share", "customers")) for row in rows if row["customers"]]
    points = [dot(f"{_name(row)}\nn = {e.n:,} customers", e) for row, e in shown if e.value is not None]
    money = {
        f"{name}{end}": f"{label}{words}"
        for name, label in (("value_mean", "Sales"), ("cost_to_serve_mean", "Service"), ("margin_mean", "Left over"))
        for end, words in (("", " a customer"), ("_lower", ", 95 % from"), ("_upper", ", 95 % to"))
    }
    return Figure(
        slug="segment-worth",
        title="Which customers are worth which service?",
        text="Cost of contacts, returns, compensations and deliveries as a share of what a segment's customers bought, "
        f"over {wording.count(rows[0]['fit_months'], 'closed month')}; the interval counts persons. The table has "
        f"sales, cost and what is left in {currency} a customer. Segments hold different people: a difference shows no "
        "cause.",
        alt=f"Dot chart of what serving costs in {wording.count(len(points), 'segment')}, "
        + spread(estimate for _, estimate in shown)
        + ".",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("segment", "Segment"),
                *estimate_columns("Customers"),
                Column("members", "Members today", "count"),
                Column("sales", "Sales", "count"),
                Column("contacts", "Contacts", "count"),
                *(Column(name, label, "number") for name, label in money.items()),
            ),
            [
                (
                    _name(row),
                    *cells(estimate),
                    row["members"],
                    row["sales"],
                    row["contacts"],
                    *(_number(row[name]) for name in money),
                )
                for row, estimate in shown
            ],
        ),
        definition=Definition(FIT, ("service_cost_share", "value_mean", "cost_to_serve_mean", "margin_mean"), ""),
    )


def _delivered(rows: list[Row]) -> Figure:
    shown = [(row, estimate_of(row, "delivered_share", "judged")) for row in rows]
    points = [
        dot(f"{_title(row)}\n{SERVICES[row['service']]}, target {_target(row)}, n = {e.n:,}", e)
        for row, e in shown
        if e.value is not None
    ]
    return Figure(
        slug="segment-standards",
        title="Does each segment get what was written for it?",
        text="Share of measurements of a segment's customers that kept its standard. Under-served is a segment whose "
        "interval lies below the target, over-served one whose interval lies above it.",
        alt=f"Dot chart of {wording.count(len(points), 'standard')} of segments, {spread(e for _, e in shown)}.",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("standard", "Segment, standard"),
                *estimate_columns("Measurements"),
                Column("target", "Target"),
                Column("service", "Served"),
                Column("owner", "Owner"),
            ),
            [
                (
                    _title(row),
                    *cells(e),
                    _target(row),
                    SERVICES[row["service"]],
                    one_line(row["owner_employee_id"] or wording.NONE),
                )
                for row, e in shown
            ],
        ),
        definition=Definition(STANDARDS, ("delivered_share", "service", "target", "judged"), ""),
    )


def _name(row: Row) -> str:
    return f"{one_line(row['segment_code'])}{' (aimed at)' if row['is_target'] else ''}"


def _title(row: Row) -> str:
    return f"{one_line(row['segment_code'])}: {one_line(row['standard_code'])}"


def _target(row: Row) -> str:
    return f"{row['operator']} {float(row['target']):g} {one_line(row['target_uom'])}"


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
