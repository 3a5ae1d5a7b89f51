"""What becomes of new services, for the page on gaps and standards."""

from datetime import date
from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import (
    Context,
    cells,
    estimate_columns,
    estimate_of,
    number,
    one_line,
    spread,
    timeline,
)
from touchline.reports.improvement_figures import REASONS
from touchline.reports.published import Row
from touchline.reports.words import _

MART = "rpt_service_launches"
QUERIES = {
    "launches": """
        select * from rpt_service_launches
        order by brand, first_changed_on desc, change_key collate "C", week <> 'all', week
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why nothing, or not everything, is told of launches."""
    launches = _launches(context, brand)
    if not launches:
        return [_("No launches: no source of this brand delivered any (crm improvements of the kind launch).")]
    found = []
    if unseen := [wording.day(row["first_changed_on"]) for row in launches if row["touchpoint_code"] is None]:
        days = wording.listing(unseen)
        found.append(_("Launches without a touchpoint, whose use nobody can see: {days}.", days=days))
    if early := [_name(row) for row in launches if row["touchpoint_code"] and row["active_people"] is None]:
        names = wording.listing(early)
        found.append(_("Launches of which no week is over in which anybody was met: {names}.", names=names))
    return found


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many took to the latest new service."""
    row = _latest(context, brand)
    if row is None:
        return []
    estimate = estimate_of(row, "adopted_share", "active_people")
    return [
        Headline(
            label=_("Took to the latest new service"),
            metric=f"{MART}.adopted_share",
            unit="share",
            estimate=estimate,
            observed=_("customers"),
            sentence=_(
                "{users:,} of {people} met since have used {name}; of {judged:,} whose 30 days are over, "
                "{repeated:,} used it again within them.",
                users=row["active_adopted"],
                people=wording.count(row["active_people"], "customer"),
                name=_name(row),
                judged=row["repeat_judged_30"],
                repeated=row["repeated_30"],
            ),
            definition=Definition(MART, ("adopted_share", "active_people", "repeat_share_30"), ""),
            missing=context.too_few(estimate, _("customers")),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The adoption curve of the latest launch, and all launches in the table."""
    row = _latest(context, brand)
    if row is None:
        return []
    rows = [one for one in context.of("launches", brand) if one["active_people"] is not None]
    curve = {
        date.fromisoformat(one["week"]): estimate_of(one, "adopted_share", "active_people")
        for one in rows
        if one["change_key"] == row["change_key"] and one["week"] != "all"
    }
    return [
        Figure(
            slug="launches",
            title=_("Is what is new taken up?"),
            text=_(
                "Of the known customers met in a week, the share who had used {name} by its end. The table adds all "
                "launches: who used them first among those who had not yet, who used them again within 30 and 90 days "
                "of the first use, as far as these are over, and the effect on the standard named.",
                name=_name(row),
            ),
            alt=_(
                "Line of the share of customers who have used it, {weeks}, {spread}.",
                weeks=wording.count(len(curve), "week"),
                spread=spread(curve.values()),
            ),
            draw=partial(charts.trend, timeline(curve, "week"), label=_("Have used it"), step="week"),
            table=Table(
                (
                    Column("launch", _("New service")),
                    Column("week", _("Week")),
                    *estimate_columns(_("Customers met")),
                    Column("adopted", _("Have used it"), "count"),
                    Column("not_yet", _("Had not yet"), "count"),
                    Column("new_users", _("New users"), "count"),
                    Column("new_share", _("New users"), "share"),
                    Column("users_so_far", _("Users so far"), "count"),
                    Column("again_30", _("Again within 30 days"), "share"),
                    Column("judged_30", _("Of whom known"), "count"),
                    Column("again_90", _("Again within 90 days"), "share"),
                    Column("judged_90", _("Of whom known"), "count"),
                    Column("effect", _("Effect on its standard"), "share"),
                    Column("reason", _("Why no effect")),
                ),
                [_line(one) for one in rows],
            ),
            definition=Definition(MART, ("adopted_share", "new_share", "repeat_share_30", "repeat_share_90"), ""),
        )
    ]


def _line(row: Row) -> tuple[object, ...]:
    return (
        _name(row),
        _("all") if row["week"] == "all" else wording.day(date.fromisoformat(row["week"])),
        *cells(estimate_of(row, "adopted_share", "active_people")),
        row["active_adopted"],
        row["not_yet_users"],
        row["new_users"],
        number(row["new_share"]),
        row["users_so_far"],
        number(row["repeat_share_30"]),
        row["repeat_judged_30"],
        number(row["repeat_share_90"]),
        row["repeat_judged_90"],
        number(row["effect"]),
        _(REASONS.get(row["uncompared_because"], "")),
    )


def _launches(context: Context, brand: str) -> list[Row]:
    return [row for row in context.of("launches", brand) if row["week"] == "all"]


def _latest(context: Context, brand: str) -> Row | None:
    return next((row for row in _launches(context, brand) if row["active_people"]), None)


def _name(row: Row) -> str:
    return f"{one_line(row['touchpoint_code'])}, {wording.day(row['first_changed_on'])}"
