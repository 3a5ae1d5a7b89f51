"""How often we turn to customers and what follows, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, named, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import _

PRESSURE = "rpt_contact_pressure"

QUERIES = {
    "contact_pressure": """
        select * from rpt_contact_pressure where period = 'all'
        order by brand, pressure_band = 'all', touches_from, pressure_band collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why there is no pressure to show, and what of it is not known."""
    rows = context.of("contact_pressure", brand)
    if not rows:
        return [_("No contact pressure: no campaign message or contact begun by the company lies in a closed month.")]
    if not rows[-1]["could_opt_out"]:
        return [_("No refusals of marketing: no campaign messages, or contacts without consent, were delivered.")]
    return []


def headlines(context: Context, brand: str) -> list[Headline]:
    """Refusals of the most pressed."""
    rows = [row for row in context.of("contact_pressure", brand) if row["pressure_band"] != "all"]
    if not rows or not any(row["could_opt_out"] for row in rows):
        return []
    most = rows[-1]
    estimate = estimate_of(most, "opt_out_share", "could_opt_out")
    return [
        Headline(
            label=_("Refuse further messages"),
            metric=f"{PRESSURE}.opt_out_share",
            unit="share",
            estimate=estimate,
            observed=_("customer-months"),
            sentence=_(
                "Of those who got {band} in a month, so many refused marketing in the next. An association: they may "
                "differ in more than that.",
                band=_band(most),
            ),
            definition=Definition(PRESSURE, ("opt_out_share", "opted_out", "could_opt_out"), ""),
            missing=context.too_few(estimate, _("customer-months")),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """Replies, complaints and refusals by pressure."""
    rows = context.of("contact_pressure", brand)
    return [_pressure(rows)] if rows else []


def _pressure(rows: list[Row]) -> Figure:
    refusals = [(row, estimate_of(row, "opt_out_share", "could_opt_out")) for row in rows]
    shown = [(row, estimate) for row, estimate in refusals if estimate.value is not None]
    points = [dot(f"{_band(row)}\nn = {estimate.n:,}", estimate) for row, estimate in shown]
    return Figure(
        slug="contact-pressure",
        title=_("Do we turn to customers too often?"),
        text=_(
            "Months of customers by how often the company turned to them: share that refused marketing in the month "
            "after. The table has replies within {reply_days} days and complaints in the month after. Bands compare "
            "different people: no effect of the messages is claimed.",
            reply_days=rows[0]["reply_days"],
        ),
        alt=_("Dot chart of refusals by pressure, {spread}.", spread=spread(estimate for _, estimate in shown)),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("pressure_band", _("Touches a month")),
                Column("customers", _("Customers"), "count"),
                Column("customer_months", _("Customer-months"), "count"),
                *(
                    Column(name, label, "share")
                    for name, label in (
                        ("reply_share", _("Replied")),
                        ("reply_lower", _("95 % from")),
                        ("reply_upper", _("to")),
                        ("complaint_share", _("Complained")),
                        ("complaint_lower", _("95 % from")),
                        ("complaint_upper", _("to")),
                    )
                ),
                *estimate_columns(_("Could refuse")),
                Column("opted_out", _("Refused"), "count"),
            ),
            [
                (
                    named(row["pressure_band"]),
                    row["customers"],
                    row["customer_months"],
                    *cells(estimate_of(row, "reply_share", "customer_months"))[:3],
                    *cells(estimate_of(row, "complaint_share", "customer_months"))[:3],
                    *cells(estimate),
                    row["opted_out"],
                )
                for row, estimate in refusals
            ],
        ),
        definition=Definition(PRESSURE, ("pressure_band", "reply_share", "complaint_share", "opt_out_share"), ""),
    )


def _band(row: Row) -> str:
    band = one_line(row["pressure_band"])
    return (
        _("any touches")
        if band == "all"
        else wording.count(1, "touch", "touches")
        if band == "1"
        else _("{band} touches", band=band)
    )
