"""What is known of single customers, how old it is and whether it is used, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import _

MART = "rpt_preferences"

QUERIES = {
    "preferences": """
        select * from rpt_preferences
        order by brand, preference_code <> 'all', preference_code collate "C", origin <> 'all', origin collate "C" desc
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why nothing is known, or not whether it is used."""
    rows = context.of("preferences", brand)
    if not rows:
        return [_("No preferences: no source of this brand delivered any of a known person (crm preferences).")]
    if rows[0]["contacts_used"] is None:
        return [
            _("Whether preferences are used is not known: no use in a contact was delivered (crm preference_uses).")
        ]
    return []


def headlines(context: Context, brand: str) -> list[Headline]:
    """In how many contacts something that was known was used, and of how many it has grown old."""
    rows = context.of("preferences", brand)
    if not rows:
        return []
    every = rows[0]
    stale = estimate_of(every, "stale_share", "customers")
    found = [
        Headline(
            label=_("Known, but grown old"),
            metric=f"{MART}.stale_share",
            unit="share",
            estimate=stale,
            observed=_("customers"),
            sentence=_(
                "Of customers of whom a preference is known, those of whom one was neither recorded nor used in the "
                "last {review_days} days.",
                review_days=every["review_days"],
            ),
            definition=Definition(MART, ("stale_share", "customers_stale", "mean_age_days"), ""),
            missing=context.too_few(stale, _("customers")),
        )
    ]
    if every["contacts_used"] is None:
        return found
    used = estimate_of(every, "used_share", "contacts")
    return [
        Headline(
            label=_("Contacts in which it was used"),
            metric=f"{MART}.used_share",
            unit="share",
            estimate=used,
            observed=_("contacts"),
            sentence=_(
                "In {contacts_used:,} of {contacts} of customers of whom a preference was known, one was used. The "
                "interval counts persons.",
                contacts_used=every["contacts_used"],
                contacts=wording.count(every["contacts"], "contact"),
            ),
            definition=Definition(MART, ("used_share", "contacts_used", "contacts"), ""),
            missing=context.too_few(used, _("contacts")),
        ),
        *found,
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """Use and age by preference."""
    rows = context.of("preferences", brand)
    return [_by_preference(rows)] if rows else []


def _by_preference(rows: list[Row]) -> Figure:
    estimates = [(row, estimate_of(row, "used_share", "contacts")) for row in rows]
    shown = [(row, e) for row, e in estimates if row["origin"] == "all" and e.value is not None]
    points = [dot(_("{name}\nn = {n:,} contacts", name=_name(row), n=e.n), e) for row, e in shown]
    return Figure(
        slug="preferences-used",
        title=_("Do we use what we know of a customer?"),
        text=_(
            "Share of answered calls, messages and cases in which a preference was used, of those since its latest "
            "recording. The table tells stated from observed ones, how old they are, and of whom one grew old or was "
            "never used. What is preferred stays in the vault; each customer's own are in rpt_customer_360."
        ),
        alt=_(
            "Dot chart of the use of preferences in {groups}, {spread}.",
            groups=wording.count(len(shown), "group"),
            spread=spread(e for _, e in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("preference", _("Preference")),
                Column("origin", _("Origin")),
                *estimate_columns(_("Contacts since")),
                Column("preferences", _("Preferences"), "count"),
                Column("customers", _("Customers"), "count"),
                Column("mean_age_days", _("Mean age, days"), "number"),
                Column("customers_stale", _("Grown old"), "count"),
                Column("stale_share", _("Grown old"), "share"),
                Column("customers_met", _("Customers met since"), "count"),
                Column("customers_never_used", _("Never used"), "count"),
                Column("never_used_share", _("Never used"), "share"),
            ),
            [
                (
                    _name(row),
                    row["origin"],
                    *cells(estimate),
                    row["preferences"],
                    row["customers"],
                    _number(row["mean_age_days"]),
                    row["customers_stale"],
                    _number(row["stale_share"]),
                    row["customers_met"],
                    row["customers_never_used"],
                    _number(row["never_used_share"]),
                )
                for row, estimate in estimates
            ],
        ),
        definition=Definition(MART, ("used_share", "stale_share", "never_used_share", "mean_age_days"), ""),
    )


def _name(row: Row) -> str:
    return (
        _("any preference") if row["preference_code"] == "all" else one_line(row["preference_code"]).replace("_", " ")
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
