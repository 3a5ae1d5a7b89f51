"""The map of touchpoints, and who buys again after meeting them, for the page on journeys."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    latest,
    one_line,
    spread,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MAP, DEFECTION = "rpt_touchpoint_map", "rpt_defection"
SHOWN_TYPES = 12
OTHER_SHARES = (
    ("episodes", "all_episodes", N_("Episodes that pass")),
    ("drop_offs", "episodes", N_("Of these, break there")),
    ("satisfied", "responses", N_("Satisfied")),
    ("responses", "surveys", N_("Answered a survey")),
)

QUERIES = {
    "touchpoints": """
        select * from rpt_touchpoint_map
        order by brand, period_month, touchpoint_code collate "C", channel collate "C", journey_stage collate "C"
    """,
    "repurchase": """
        select brand, code, cut_date, customers, lapsed, 1 - lapsed_share as share, matched_customers,
            -lapsed_difference as difference, -lapsed_difference_upper as difference_lower,
            -lapsed_difference_lower as difference_upper, lapse_days
        from rpt_defection where trait = 'touchpoint' order by brand, customers desc, code collate "C"
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """What the marts hold of the brand."""
    found: list[Figure] = []
    if touches := context.of("touchpoints", brand):
        found.append(_map(context, latest(touches)))
    if repurchase := context.of("repurchase", brand):
        found.append(_repurchase(repurchase))
    return found


def _map(context: Context, rows: list[Row]) -> Figure:
    types: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        types.setdefault((row["touchpoint_code"], row["channel"], row["journey_stage"]), []).append(row)
    ordered = sorted(types.items(), key=lambda item: (-total(item[1], "touches"), item[0]))
    failed = [
        (_named(f"{code}, {channel}"), share(total(own, "failed"), total(own, "touches"), context.min_cell))
        for (code, channel, _), own in ordered
    ]
    shown = [(name, estimate) for name, estimate in failed if estimate.value is not None and estimate.value < 1]
    shown = shown[:SHOWN_TYPES]
    points = [dot(f"{name}\nn = {estimate.n:,}", estimate) for name, estimate in shown]
    return Figure(
        slug="touchpoint-map",
        title=_("What goes wrong at which touchpoint?"),
        text=_(
            "Share of touches that a failure is about (complaint, given up, sent back, low score, broken promise), "
            "the most frequent touchpoints first, over {months}. Touchpoints that are a failure by themselves are in "
            "the table alone, which adds the episodes that pass a touchpoint or break there, and satisfaction with "
            "its response rate; waits are in the mart.",
            months=wording.count(len({row["period_month"] for row in rows}), "month"),
        ),
        alt=_(
            "Dot chart of {touchpoints}, {spread}.",
            touchpoints=wording.count(len(shown), "touchpoint"),
            spread=spread(estimate for _, estimate in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("touchpoint", _("Touchpoint")),
                Column("stage", _("Stage")),
                *estimate_columns(_("Touches")),
                Column("touches_of_unknown", _("Of unknown persons"), "count"),
                *(Column(f"{part}_share", label, "share") for part, _, label in OTHER_SHARES),
            ),
            [
                (
                    name,
                    one_line(stage),
                    *cells(estimate),
                    total(own, "touches_of_unknown"),
                    *(
                        share(total(own, part), total(own, whole), context.min_cell).value
                        for part, whole, _ in OTHER_SHARES
                    ),
                )
                for (name, estimate), ((_, _, stage), own) in zip(failed, ordered, strict=True)
            ],
        ),
        definition=Definition(
            MAP,
            ("failure_share", "passing_share", "drop_off_share", "satisfied_share", "wait_hours_median"),
            _("Months are pooled by summing counts; the interval is Wilson's."),
        ),
    )


def _repurchase(rows: list[Row]) -> Figure:
    judged = [(_named(row["code"]), estimate_of(row, "difference", "matched_customers"), row) for row in rows]
    points = [dot(f"{name}\nn = {e.n:,}", e, "number") for name, e, _ in judged if e.value is not None]
    days, cut = rows[0]["lapse_days"], wording.day(rows[0]["cut_date"])
    return Figure(
        slug="touchpoint-repurchase",
        title=_("Who buys again after which touchpoint?"),
        text=_(
            "Of the customers who met a touchpoint in the {days} days up to {cut}: share that bought again in the "
            "{days} days after it, less that of others of the same recency, frequency and segment. An association: "
            "nobody drew lots whom it met.",
            days=days,
            cut=cut,
        ),
        alt=_(
            "Dot chart of differences in repurchase for {touchpoints}.",
            touchpoints=wording.count(len(points), "touchpoint"),
        ),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("touchpoint", _("Touchpoint")),
                Column("customers", _("Customers"), "count"),
                Column("share", _("Bought again"), "share"),
                Column("difference", _("Difference to matched"), "number"),
                Column("difference_lower", _("95 % from"), "number"),
                Column("difference_upper", _("95 % to"), "number"),
                Column("matched_customers", _("With others like them"), "count"),
            ),
            [
                (
                    name,
                    row["customers"],
                    None if row["share"] is None else float(row["share"]),
                    *cells(estimate),
                )
                for name, estimate, row in judged
            ],
        ),
        definition=Definition(
            DEFECTION,
            ("trait", "lapsed_share", "lapsed_difference", "matched_customers"),
            _("Bought again is 1 less the lapsed share; the difference changes its sign."),
        ),
    )


def _named(code: object) -> str:
    return one_line(code).replace("_", " ")
