"""Who stays away: lapsed customers by what had met them, beside others like them."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_defection"
TRAITS = {
    "last_failure": N_("last failure"),
    "gap": N_("gap"),
    "open_case": N_("case"),
    "channel": N_("channel"),
    "touchpoint": N_("touchpoint"),
}

QUERIES = {
    "defection": """
        select brand, trait, code, cut_date, customers, lapsed, lapsed_share, lapsed_share_lower, lapsed_share_upper,
            matched_customers, matched_lapsed_share, lapsed_difference, lapsed_difference_lower,
            lapsed_difference_upper, value_lost, currency, lapse_days
        from rpt_defection
        order by brand,
            array_position(array['all', 'last_failure', 'gap', 'open_case', 'channel', 'touchpoint'], trait),
            customers desc, code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """The share of customers who stay away; none before lapse_days of purchases were delivered twice over."""
    rows = [row for row in context.of("defection", brand) if row["trait"] == "all"]
    return [_lapsed(context, row) for row in rows]


def missing(context: Context, brand: str) -> list[str]:
    """Why there is nothing of who stays away."""
    if context.of("defection", brand):
        return []
    return [_("Nobody can be said to stay away: no purchase of a known person lies far enough back.")]


def figures(context: Context, brand: str) -> list[Figure]:
    """Who stays away, by what had met them."""
    rows = [row for row in context.of("defection", brand) if row["trait"] != "all"]
    if not rows:
        return []
    judged = [(_name(row), estimate_of(row, "lapsed_difference", "matched_customers")) for row in rows]
    points = [dot(f"{name}\nn = {e.n:,}", e, "number") for name, e in judged if e.value is not None]
    return [
        Figure(
            slug="defection",
            title=_("Who stays away?"),
            text=_(
                "Share of customers who have lapsed, by what had met them before, less that of others of the same "
                "recency, frequency and segment. An association: nobody drew lots whom it met. What goes with a "
                "failure from the day it happens stands on the page What first?"
            ),
            alt=_(
                "Dot chart of differences in lapsed share of {groups} of customers.",
                groups=wording.count(len(points), "group"),
            ),
            draw=partial(charts.dots, points, is_share=False) if points else None,
            table=Table(_COLUMNS, [_cells(row) for row in rows]),
            definition=Definition(MART, ("trait", "lapsed_share", "lapsed_difference", "value_lost"), ""),
        )
    ]


_COLUMNS = (
    Column("group", N_("Customers")),
    *estimate_columns(N_("Customers")),
    Column("lapsed", N_("Lapsed"), "count"),
    Column("matched_lapsed_share", N_("Others like them"), "share"),
    Column("lapsed_difference", N_("Difference"), "number"),
    Column("lapsed_difference_lower", N_("Difference, 95 % from"), "number"),
    Column("lapsed_difference_upper", N_("Difference, 95 % to"), "number"),
    Column("value_lost", N_("Had spent"), "number"),
    Column("currency", N_("Currency")),
)


def _cells(row: Row) -> tuple[object, ...]:
    difference = estimate_of(row, "lapsed_difference", "matched_customers")
    share = row["matched_lapsed_share"]
    return (
        _name(row),
        *cells(estimate_of(row, "lapsed_share", "customers")),
        row["lapsed"],
        None if share is None else float(share),
        difference.value,
        difference.lower,
        difference.upper,
        float(row["value_lost"]),
        row["currency"],
    )


def _lapsed(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "lapsed_share", "customers")
    spent = f"{row['value_lost']:,.0f} {row['currency'] or ''}".rstrip()
    return Headline(
        label=_("Stay away"),
        metric=f"{MART}.lapsed_share",
        unit="share",
        estimate=estimate,
        observed=_("customers"),
        sentence=_(
            "{lapsed:,} of {customers} have not bought in the {lapse_days} days since {day}; in as many before they "
            "had spent {spent}.",
            lapsed=row["lapsed"],
            customers=wording.count(row["customers"], "customer"),
            lapse_days=row["lapse_days"],
            day=wording.day(row["cut_date"]),
            spent=spent,
        ),
        definition=Definition(MART, ("lapsed_share", "lapsed", "customers", "value_lost"), ""),
        missing=context.too_few(estimate, _("customers")),
    )


def _name(row: Row) -> str:
    code = one_line(row["code"]).replace("_", " ")
    kind = _(TRAITS.get(row["trait"], str(row["trait"])))
    return code if row["trait"] == "open_case" else _("{kind}: {code}", kind=kind, code=code)
