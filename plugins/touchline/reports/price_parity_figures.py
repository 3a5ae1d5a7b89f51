"""Prices by channel, for the page on consistency: does a product cost the same wherever one buys it?"""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, point, spread
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_price_parity"
BASES = (N_("asked"), N_("charged"))
COUNTED = N_("The interval counts products: the days of one product go together.")

QUERIES = {
    "price_parity": """
        select * from rpt_price_parity
        order by brand, basis, currency collate "C", period collate "C", category collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Share of product-days at one price, asked where price lists are known, else charged."""
    rows = [row for row in _main(context, brand) if row["period"] == row["category"] == "all"]
    if not rows:
        return []
    row = rows[0]
    estimate = estimate_of(row, "parity_share", "products")
    apart = wording.count(row["products_apart"], "product")
    gap = (
        ""
        if row["spread_mean"] is None
        else _(", by {spread_mean:.1%} where prices differ", spread_mean=float(row["spread_mean"]))
    )
    return [
        Headline(
            label=_("Same price in every channel, {basis}", basis=_(row["basis"])),
            metric=f"{MART}.parity_share",
            unit="share",
            estimate=estimate,
            observed=_("products"),
            sentence=_(
                "On {equal_days:,} of {product_days:,} product-days on which two channels or more have a price, all "
                "prices were one; {apart} stood apart{gap}.",
                equal_days=row["equal_days"],
                product_days=row["product_days"],
                apart=apart,
                gap=gap,
            ),
            definition=Definition(MART, ("parity_share", "equal_days", "product_days", "spread_mean"), COUNTED),
            missing=context.too_few(estimate, _("products")),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """What cannot be compared, and why."""
    bases = {row["basis"] for row in context.of("price_parity", brand)}
    if not bases:
        return [
            _("No price parity: no product of this brand is known to be priced or sold in two channels on one day.")
        ]
    if "asked" not in bases:
        return [_("Prices asked are not compared: no price list of this brand names two channels of one product.")]
    return []


def figures(context: Context, brand: str) -> list[Figure]:
    """By category, and month by month."""
    rows = _main(context, brand)
    if not rows:
        return []
    every = [row for row in context.of("price_parity", brand) if row["period"] == "all"]
    months = [row for row in rows if row["category"] == "all" and row["period"] != "all"]
    return [_categories(rows, every), *([_months(months)] if months else [])]


def _main(context: Context, brand: str) -> list[Row]:
    """Rows of one basis and one currency: asked before charged, then the currency with most product-days."""
    rows = context.of("price_parity", brand)
    totals = [row for row in rows if row["period"] == row["category"] == "all"]
    if not totals:
        return []
    first = min(totals, key=lambda row: (row["basis"] != "asked", -row["product_days"]))
    return [row for row in rows if all(row[column] == first[column] for column in ("basis", "currency"))]


def _categories(rows: list[Row], every: list[Row]) -> Figure:
    first = rows[0]
    estimates = {
        row["category"]: estimate_of(row, "parity_share", "products") for row in rows if row["period"] == "all"
    }
    points = [
        dot(_("{category}\nn = {n:,} products", category=one_line(category), n=one.n), one)
        for category, one in estimates.items()
        if one.value is not None
    ]
    return Figure(
        slug="price-parity",
        title=_("Does a product cost the same in every channel?"),
        text=_(
            "Share of product-days on which all channels and places {basis} one price, by category ({currency}). "
            "{counted} The table adds prices charged, and how far prices lie apart.",
            basis=_(first["basis"]),
            currency=one_line(first["currency"]),
            counted=_(COUNTED),
        ),
        alt=_(
            "Dot chart of price parity in {categories}, {spread}.",
            categories=wording.count(len(points), "category", "categories"),
            spread=spread(estimates.values()),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("basis", _("Prices")),
                Column("currency", _("Currency")),
                Column("category", _("Category")),
                *estimate_columns(_("Products")),
                Column("products_apart", _("Apart"), "count"),
                Column("product_days", _("Product-days"), "count"),
                Column("spread_mean", _("Mean gap"), "share"),
                Column("widest_spread", _("Widest gap"), "share"),
            ),
            [
                (
                    row["basis"],
                    one_line(row["currency"]),
                    one_line(row["category"]),
                    *cells(estimate_of(row, "parity_share", "products")),
                    *(row[column] for column in ("products_apart", "product_days", "spread_mean", "widest_spread")),
                )
                for row in every
            ],
        ),
        definition=Definition(MART, ("parity_share", "spread_mean", "widest_spread", "basis"), COUNTED),
    )


def _months(rows: list[Row]) -> Figure:
    estimates = {row["period"]: estimate_of(row, "parity_share", "products") for row in rows}
    points = [point(f"{period}-01", estimate) for period, estimate in estimates.items()]
    return Figure(
        slug="price-parity-months",
        title=_("Do prices grow together?"),
        text=_("The same share month by month, all categories, as {basis}.", basis=_(rows[0]["basis"])),
        alt=_("Line chart of price parity by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, points, label=_("Price parity"), step="month"),
        table=Table(
            (Column("period", _("Month")), *estimate_columns(_("Products"))),
            [(period, *cells(estimate)) for period, estimate in estimates.items()],
        ),
        definition=Definition(MART, ("parity_share",), COUNTED),
    )
