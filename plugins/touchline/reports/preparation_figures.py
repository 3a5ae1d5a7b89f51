"""What is ready before customers come, for the page on journeys."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import (
    MONTHS_POOLED,
    RECENT_MONTHS,
    Context,
    cells,
    dot,
    estimate_columns,
    latest,
    named,
    period_of,
    spread,
    total,
)
from touchline.reports.headlines import pooled_share
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_service_preparation"
KINDS = {
    "all": N_("Whole list"),
    "information": N_("Information"),
    "equipment": N_("Equipment"),
    "mindset": N_("Mindset"),
    "record_viewed": N_("Record looked at before the reply"),
}

QUERIES = {
    "preparation": """
        select * from rpt_service_preparation
        order by brand, period_month, unit_type <> 'all', unit_type, unit_id collate "C", kind collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Which input is missing, and how much was prepared for nobody."""
    rows = context.of("preparation", brand)
    lists, cases = _everywhere(rows, "all"), _everywhere(rows, "record_viewed")
    found = []
    if not lists:
        found.append(_("No preparation: no source of this brand delivered checklists (pos service_checklists)."))
    elif idle := total(lists, "required") - total(lists, "judged"):
        found.append(
            _(
                "Not judged: {items} of days or records without a touch.",
                items=wording.count(idle, "item of a checklist", "items of checklists"),
            )
        )
    if cases and cases[-1]["prepared"] is None:
        found.append(_("Whether records are looked at before a case is answered is not known: no look was delivered."))
    return found


def headlines(context: Context, brand: str) -> list[Headline]:
    """What of the lists was ready, over the latest months."""
    rows = latest(_everywhere(context.of("preparation", brand), "all"), "judged")
    if not rows:
        return []
    prepared, judged = total(rows, "prepared"), total(rows, "judged")
    return [
        pooled_share(
            context,
            MART,
            ("prepared_share", "prepared", "judged"),
            (prepared, judged),
            label=_("Ready before the first customer"),
            observed=_("items"),
            sentence=_(
                "{prepared:,} of {items} were done before the first customer of the day, or of the record, was "
                "served ({period}).",
                prepared=prepared,
                items=wording.count(judged, "required item"),
                period=period_of(rows),
            ),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """Kind by kind over the latest months, and by unit."""
    rows = context.of("preparation", brand)
    kinds = [(kind, latest(_everywhere(rows, kind), "judged")) for kind in KINDS]
    pooled = [(kind, own, _share(context, own)) for kind, own in kinds if own and own[-1]["prepared"] is not None]
    if not pooled:
        return []
    points = [dot(f"{_(KINDS[kind])}\nn = {one.n:,}", one) for kind, _rows, one in pooled if one.n]
    return [
        Figure(
            slug="before-the-customer",
            title=_("What is ready before customers come?"),
            text=_(
                "Of the required items of checklists: share done before the first sale or return of the location on "
                "that day, or before the customer of the case, call or sale they are meant for was served. Apart from "
                "the list: cases in which the customer's record was looked at by the first reply. Latest "
                "{recent_months} months of each kind; where nobody came, nothing is judged.",
                recent_months=RECENT_MONTHS,
            ),
            alt=_(
                "Dot chart of {kinds} of preparation, {spread}.",
                kinds=wording.count(len(points), "kind"),
                spread=spread(one for _kind, _rows, one in pooled),
            ),
            draw=partial(charts.dots, points) if points else None,
            table=Table(
                (
                    Column("kind", _("Kind")),
                    Column("unit", _("Unit")),
                    *estimate_columns(_("Items or cases judged")),
                    Column("required", _("Required"), "count"),
                ),
                [
                    (_(KINDS[kind]), named(unit), *cells(_share(context, of_unit)), total(of_unit, "required"))
                    for kind, own, _one in pooled
                    for unit, of_unit in _by_unit(rows, kind, {row["period_month"] for row in own})
                ],
            ),
            definition=Definition(MART, ("prepared_share", "required", "judged"), MONTHS_POOLED),
        )
    ]


def _by_unit(rows: list[Row], kind: str, months: set[object]) -> list[tuple[str, list[Row]]]:
    """Rows of a kind in the given months by unit, all of them first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["kind"] == kind and row["period_month"] in months:
            found.setdefault(row["unit_id"], []).append(row)
    return sorted(found.items(), key=lambda entry: (entry[0] != "all", entry[0]))


def _share(context: Context, rows: list[Row]) -> Estimate:
    return share(total(rows, "prepared"), total(rows, "judged"), context.min_cell)


def _everywhere(rows: list[Row], kind: str) -> list[Row]:
    return [row for row in rows if row["unit_type"] == "all" and row["kind"] == kind]
