"""The customer flywheel: what becomes of those who first bought in a quarter, and who of them was free to leave."""

from datetime import date
from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_customer_flywheel"
RECENT_QUARTERS = 4
STAYING = {
    "free_retention": (N_("Came again, free to leave"), "free"),
    "bound_retention": (N_("Came again, bound"), "bound"),
    "members_kept_share": (N_("Stayed members"), "members"),
}
EVERYBODY = {"retention": (N_("Came again, all"), "customers")}
TURNING = {
    "satisfied_share": (N_("Satisfied at their last answer"), "csat_answers"),
    "answer_share": (N_("Surveys answered"), "surveys_asked"),
    "suggesting_share": (N_("Made a suggestion"), "customers"),
}
QUERIES = {
    "customer_flywheel": "select * from rpt_customer_flywheel order by brand, first_quarter",
}


def missing(context: Context, brand: str) -> list[str]:
    """What the flywheel lacks, in words."""
    rows = context.of("customer_flywheel", brand)
    if not rows:
        return [_("No flywheel: no purchases of known customers.")]
    closed = _closed(rows)
    days = rows[0]["lapse_days"]
    if not closed:
        return [_("No flywheel yet: no quarter of first purchases has been over for {days} days.", days=days)]
    waiting = [_quarter(row["first_quarter"]) for row in rows if not row["is_window_closed"]]
    found = (
        [_("Not judged yet, for {days} days have to pass: {names}.", days=days, names=wording.listing(waiting))]
        if waiting
        else []
    )
    if closed[-1]["free"] is None:
        found.append(_("Nobody is known to be bound: no source of this brand delivered commitments (crm commitments)."))
    return found


def headlines(context: Context, brand: str) -> list[Headline]:
    """Who came again of the latest quarter that is over: those free to leave, where that is known."""
    closed = _closed(context.of("customer_flywheel", brand))
    if not closed:
        return []
    latest = closed[-1]
    name = "retention" if latest["free"] is None else "free_retention"
    words, n = (EVERYBODY | STAYING)[name]
    estimate = estimate_of(latest, name, n)
    bound = estimate_of(latest, "bound_retention", "bound") if latest["bound"] else None
    beside = (
        ""
        if not bound or bound.value is None
        else _(" Of those bound: {share}.", share=wording.number(bound.value, "share"))
    )
    return [
        Headline(
            label=_(words),
            metric=f"{MART}.{name}",
            unit="share",
            estimate=estimate,
            observed=_("customers"),
            sentence=_(
                "Of those who first bought in {quarter}, within {days}.{beside}",
                quarter=_quarter(latest["first_quarter"]),
                days=wording.count(latest["lapse_days"], "day"),
                beside=beside,
            ),
            definition=Definition(MART, (name, "free", "bound_retention"), ""),
            missing=context.too_few(estimate, _("customers")),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """Who stays, and what else turns; nothing before a quarter is over."""
    closed = _closed(context.of("customer_flywheel", brand))
    return [_staying(closed), _turning(closed)] if closed else []


def _staying(rows: list[Row]) -> Figure:
    measures = (EVERYBODY if rows[-1]["free"] is None else {}) | STAYING
    columns = EVERYBODY | STAYING
    return Figure(
        slug="flywheel-staying",
        title=_("Do customers stay because they want to?"),
        text=_(
            "Who bought again within {days} of the first purchase, by its quarter. Who is bound by contract or "
            "prepayment, or only still a member, is told apart: locked in is not loyal. The first quarters of the "
            "data may hold older customers.",
            days=wording.count(rows[0]["lapse_days"], "day"),
        ),
        alt=_alt(rows, measures),
        draw=_draw(rows, measures),
        table=Table(
            (
                Column("quarter", _("First bought in")),
                Column("burn_in", _("Start of the data")),
                *(
                    column
                    for label, _n in columns.values()
                    for column in (
                        Column(f"{label}_value", label, "share"),
                        Column(f"{label}_from", _("95 % from"), "share"),
                        Column(f"{label}_to", _("95 % to"), "share"),
                        Column(f"{label}_n", _("Customers"), "count"),
                    )
                ),
            ),
            [
                (
                    _quarter(row["first_quarter"]),
                    _("yes") if row["is_burn_in"] else _("no"),
                    *(value for name, (_, n) in columns.items() for value in _cells(row, name, n)),
                )
                for row in rows
            ],
        ),
        definition=Definition(MART, ("retention", *STAYING, "is_burn_in"), ""),
    )


def _turning(rows: list[Row]) -> Figure:
    currency = one_line(rows[-1]["currency"])
    return Figure(
        slug="flywheel-turning",
        title=_("Does the flywheel gain speed?"),
        text=_(
            "Satisfaction and taking part of the same customers up to this day, for no window cuts their last word: "
            "those of older quarters had longer to give it. Scores speak for those who answered; the share of surveys "
            "answered stands beside them. The table has spend in {currency} in the first {days} and recommendation. "
            "Quarters hold different people: that figures move together shows no cause.",
            currency=currency,
            days=wording.count(rows[0]["lapse_days"], "day"),
        ),
        alt=_alt(rows, TURNING),
        draw=_draw(rows, TURNING),
        table=Table(
            (
                Column("quarter", _("First bought in")),
                *estimate_columns(_("Customers"), "number"),
                Column("satisfied", _("Satisfied"), "share"),
                Column("csat_answers", _("Customers who scored"), "count"),
                Column("net_promoter_score", _("Net promoter score"), "number"),
                Column("nps_lower", _("95 % from"), "number"),
                Column("nps_upper", _("95 % to"), "number"),
                Column("nps_answers", _("Customers who said"), "count"),
                Column("answer_share", _("Surveys answered"), "share"),
                Column("surveys_asked", _("Surveys sent"), "count"),
                Column("suggesting", _("Customers with a suggestion"), "count"),
            ),
            [
                (
                    _quarter(row["first_quarter"]),
                    *cells(estimate_of(row, "spend_mean", "spend_known")),
                    *_cells(row, "satisfied_share", "csat_answers")[::3],
                    *cells(estimate_of(row, "net_promoter_score", "nps_answers")),
                    *_cells(row, "answer_share", "surveys_asked")[::3],
                    row["suggesting"],
                )
                for row in rows
            ],
        ),
        definition=Definition(MART, ("spend_mean", "net_promoter_score", *TURNING), ""),
    )


def _points(rows: list[Row], measures: dict[str, tuple[str, str]]) -> list[tuple[str, Row, str, str]]:
    """Label, row, figure and its n, measure by measure over the latest quarters, where there is a figure."""
    return [
        (f"{_(label)}\n{_quarter(row['first_quarter'])}, n = {row[n]:,}", row, name, n)
        for name, (label, n) in measures.items()
        for row in rows[-RECENT_QUARTERS:]
        if row[name] is not None
    ]


def _draw(rows: list[Row], measures: dict[str, tuple[str, str]]) -> partial[object] | None:
    points = [dot(label, estimate_of(row, name, n)) for label, row, name, n in _points(rows, measures)]
    return partial(charts.dots, points) if points else None


def _alt(rows: list[Row], measures: dict[str, tuple[str, str]]) -> str:
    found = [estimate_of(row, name, n) for _, row, name, n in _points(rows, measures)]
    quarters = wording.count(len(rows[-RECENT_QUARTERS:]), "quarter")
    return _(
        "Dot chart of {figures} over {quarters} of first purchases, {spread}.",
        figures=wording.count(len(found), "figure"),
        quarters=quarters,
        spread=spread(found),
    )


def _cells(row: Row, name: str, n: str) -> tuple[float | None, float | None, float | None, int | None]:
    return (None, None, None, None) if row[n] is None else cells(estimate_of(row, name, n))


def _closed(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["is_window_closed"]]


def _quarter(start: date) -> str:
    return _("{year} Q{quarter}", year=start.year, quarter=start.month // 3 + 1)
