"""The service-profit chain: which link is clear, and where the first one is not."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_service_profit_chain"
MEASURES = {
    "employee": N_("Employees' mood"),
    "quality": N_("Service as observed"),
    "satisfaction": N_("Satisfaction"),
    "loyalty": N_("Coming again"),
    "revenue": N_("Sales"),
    "margin": N_("Margin"),
}
REASONS = {
    "not_measured": N_("not both measured"),
    "too_few_units": N_("too few locations"),
    "too_few_months": N_("too few months of locations"),
    "nothing_varies": N_("nothing varies within locations and months"),
}
QUERIES = {
    "profit_chain": """
        select brand, link, from_measure, to_measure, lag_months, units, months, observations, coefficient,
            coefficient_lower, coefficient_upper, is_clear, unestimated_because
        from rpt_service_profit_chain order by brand, link
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """The links that could not be estimated, and why; nothing where no location has a month."""
    rows = context.of("profit_chain", brand)
    if not any(row["observations"] for row in rows):
        return [_("No chain: no location of this brand has two months of a link's measures.")]
    unknown = [row for row in rows if row["unestimated_because"]]
    words = [
        _("{name} ({reason})", name=_name(row), reason=_(REASONS.get(row["unestimated_because"], N_("unknown"))))
        for row in unknown
    ]
    return [_("Links without an estimate: {names}.", names=wording.listing(words))] if words else []


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many links are clear, and after which one the chain is not."""
    rows = context.of("profit_chain", brand)
    known = [row for row in rows if row["is_clear"] is not None]
    if not known:
        return []
    clear = [row for row in known if row["is_clear"]]
    unclear = [row for row in known if not row["is_clear"]]
    told = (
        _("Every estimated link is clear")
        if not unclear
        else _("The first that is not: {name}", name=_name(unclear[0]))
    )
    return [
        Headline(
            label=_("Links of the chain that are clear"),
            metric=f"{MART}.is_clear",
            unit="count",
            estimate=Estimate(float(len(clear)), None, None, len(known)),
            observed=_("links estimated"),
            sentence=_(
                "Of {rows} links {known} could be estimated. {told}. Not clear is not nil: its interval says how "
                "strong it may be.",
                rows=len(rows),
                known=len(known),
                told=told,
            ),
            definition=Definition(MART, ("is_clear", "coefficient", "lag_months"), ""),
            uncertainty=_("No interval: links are counted"),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The links with their intervals; nothing where none could be estimated."""
    rows = context.of("profit_chain", brand)
    points = [dot(_name(row), _estimate(row), "number") for row in rows if row["coefficient"] is not None]
    if not points:
        return []
    lag = wording.count(rows[0]["lag_months"], "month")
    return [
        Figure(
            slug="profit-chain",
            title=_("Where does the chain break?"),
            text=_(
                "How far a measure moves, {lag} after the one before it moved by a standard deviation, both against "
                "what the location and the month would suggest: 1 is in step, 0 not at all. An interval over zero "
                "leaves open whether there is a link. Whether one makes the other, months of locations cannot tell.",
                lag=lag,
            ),
            alt=_(
                "Dot chart of {links} of the service-profit chain with their intervals.",
                links=wording.count(len(points), "link"),
            ),
            draw=partial(charts.dots, points, is_share=False),
            table=Table(
                (
                    Column("link", _("Link")),
                    *estimate_columns(_("Location-months"), "number"),
                    Column("units", _("Locations"), "count"),
                    Column("months", _("Months"), "count"),
                    Column("reason", _("Why none")),
                ),
                [
                    (
                        _name(row),
                        *cells(_estimate(row)),
                        row["units"],
                        row["months"],
                        _(REASONS.get(row["unestimated_because"], "")),
                    )
                    for row in rows
                ],
            ),
            definition=Definition(MART, ("coefficient", "lag_months", "units", "observations"), ""),
        )
    ]


def _estimate(row: Row) -> Estimate:
    return estimate_of(row, "coefficient", "observations")


def _name(row: Row) -> str:
    return " → ".join(_(MEASURES.get(row[end], str(row[end]))) for end in ("from_measure", "to_measure"))
