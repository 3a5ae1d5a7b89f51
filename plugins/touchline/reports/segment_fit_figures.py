"""What segments bring and cost, and whether they get what was written for them."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread, total
from touchline.reports.published import Row
from touchline.reports.words import N_, _

FIT, STANDARDS = "rpt_segment_fit", "rpt_segment_standards"
SERVICES = {
    "under": N_("under-served"),
    "over": N_("over-served"),
    "as_written": N_("as written"),
    "unknown": N_("not judged"),
}
REASONS = {
    "metric_unknown": N_("its metric is not in the catalogue"),
    "no_share_to_reach": N_("not a share to reach"),
    "customer_not_observed": N_("observations name no customer"),
    "no_measurement": N_("nothing was measured"),
    "too_few": N_("too few measurements"),
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
        return [_("No segments: no source of this brand says who belongs to which (crm segment_memberships).")]
    found = []
    if not any(row["is_target"] for row in rows):
        found.append(_("No segment is marked as one that the brand aims at."))
    if not standards:
        found.append(_("No standard is written for any segment: nobody can be under- or over-served against one."))
    unjudged = [
        f"{one_line(row['standard_code'])} ({_(REASONS[row['unjudged_because']])})"
        for row in standards
        if row["unjudged_because"]
    ]
    return [
        *found,
        *([_("Standards of segments not judged: {names}.", names=wording.listing(unjudged))] if unjudged else []),
    ]


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
            label=_("Segments under- or over-served"),
            metric=f"{STANDARDS}.service",
            unit="share",
            estimate=Estimate((len(under) + len(over)) / len(judged), None, None, len(judged)),
            observed=_("standards"),
            sentence=_(
                "Of {standards} written for a segment and measured, segments get less in {under:,}, {hit:,} of these "
                "of a segment the brand aims at, and more in {over:,}.",
                standards=wording.count(len(judged), "standard"),
                under=len(under),
                hit=hit,
                over=len(over),
            ),
            definition=Definition(STANDARDS, ("service", "delivered_share", "target"), _("Standards that hold today.")),
            uncertainty=_("No interval: standards are counted"),
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
    points = [
        dot(_("{name}\nn = {n:,} customers", name=_name(row), n=e.n), e) for row, e in shown if e.value is not None
    ]
    money = {
        "value_mean": _("Sales a customer"),
        "value_mean_lower": _("Sales, 95 % from"),
        "value_mean_upper": _("Sales, 95 % to"),
        "cost_to_serve_mean": _("Service a customer"),
        "cost_to_serve_mean_lower": _("Service, 95 % from"),
        "cost_to_serve_mean_upper": _("Service, 95 % to"),
        "margin_mean": _("Left over a customer"),
        "margin_mean_lower": _("Left over, 95 % from"),
        "margin_mean_upper": _("Left over, 95 % to"),
    }
    return Figure(
        slug="segment-worth",
        title=_("Which customers are worth which service?"),
        text=_(
            "Cost of contacts, returns, compensations and deliveries as a share of what a segment's customers bought, "
            "over {months}; the interval counts persons. The table has sales, cost and what is left in {currency} a "
            "customer. Segments hold different people: a difference shows no cause.",
            months=wording.count(rows[0]["fit_months"], "closed month"),
            currency=currency,
        ),
        alt=_(
            "Dot chart of what serving costs in {segments}, {spread}.",
            segments=wording.count(len(points), "segment"),
            spread=spread(estimate for _row, estimate in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("segment", _("Segment")),
                *estimate_columns(_("Customers")),
                Column("members", _("Members today"), "count"),
                Column("sales", _("Sales"), "count"),
                Column("contacts", _("Contacts"), "count"),
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
            {"segment": [one_line(row["segment_code"]) for row, _estimate in shown]},
        ),
        definition=Definition(FIT, ("service_cost_share", "value_mean", "cost_to_serve_mean", "margin_mean"), ""),
    )


def _delivered(rows: list[Row]) -> Figure:
    shown = [(row, estimate_of(row, "delivered_share", "judged")) for row in rows]
    points = [
        dot(
            _(
                "{title}\n{service}, target {target}, n = {n:,}",
                title=_title(row),
                service=_(SERVICES[row["service"]]),
                target=_target(row),
                n=e.n,
            ),
            e,
        )
        for row, e in shown
        if e.value is not None
    ]
    return Figure(
        slug="segment-standards",
        title=_("Does each segment get what was written for it?"),
        text=_(
            "Share of measurements of a segment's customers that kept its standard. Under-served is a segment whose "
            "interval lies below the target, over-served one whose interval lies above it."
        ),
        alt=_(
            "Dot chart of {standards} of segments, {spread}.",
            standards=wording.count(len(points), "standard"),
            spread=spread(e for _, e in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("standard", _("Segment, standard")),
                *estimate_columns(_("Measurements")),
                Column("target", _("Target")),
                Column("service", _("Served")),
                Column("owner", _("Owner")),
            ),
            [
                (
                    _title(row),
                    *cells(e),
                    _target(row),
                    _(SERVICES[row["service"]]),
                    one_line(row["owner_employee_id"] or wording.NONE),
                )
                for row, e in shown
            ],
            {"segment": [one_line(row["segment_code"]) for row, _e in shown]},
        ),
        definition=Definition(STANDARDS, ("delivered_share", "service", "target", "judged"), ""),
    )


def _name(row: Row) -> str:
    name = one_line(row["segment_code"])
    return _("{name} (aimed at)", name=name) if row["is_target"] else name


def _title(row: Row) -> str:
    return f"{one_line(row['segment_code'])}: {one_line(row['standard_code'])}"


def _target(row: Row) -> str:
    return f"{row['operator']} {float(row['target']):g} {one_line(row['target_uom'])}"


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
