"""Executives where customers are served, and what becomes of the units they visit, for the page on people."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of
from touchline.reports.published import Row
from touchline.reports.words import N_, _

PRESENCE, EFFECT = "rpt_management_presence", "rpt_presence_effect"
ACTIVITIES = {
    "all": N_("All activities"),
    "floor": N_("On the floor"),
    "listen": N_("Listening to contacts"),
    "serve": N_("Serving"),
}
UNITS = {"location": N_("locations"), "queue": N_("queues")}
REASONS = {
    "window_open": N_("the weeks after the visits are not over"),
    "not_measured": N_("no visited one is measured"),
    "no_unit_unvisited": N_("none is left unvisited"),
    "too_few_units": N_("too few"),
}
SHARES = {
    "visited_before": N_("Visited before"),
    "visited_after": N_("Visited after"),
    "unvisited_before": N_("Unvisited before"),
    "unvisited_after": N_("Unvisited after"),
}
QUERIES = {
    "presence": "select * from rpt_management_presence order by brand, period = 'all' desc, period, activity",
    "presence_effect": "select * from rpt_presence_effect order by brand, unit_type",
}


def missing(context: Context, brand: str) -> list[str]:
    """What cannot be told of visits, and why."""
    if not context.of("presence", brand):
        return [_("No visits of executives: no source of this brand delivered any (crm management visits).")]
    return [
        _(
            "No effect of visits to {units}: {reason}.",
            units=_(UNITS[row["unit_type"]]),
            reason=_(REASONS[row["uncompared_because"]]),
        )
        for row in context.of("presence_effect", brand)
        if row["uncompared_because"]
    ]


def headlines(context: Context, brand: str) -> list[Headline]:
    """Hours of an executive in a month, and what goes with a first visit."""
    hours = [row for row in _of_all(context, brand) if row["activity"] == "all"]
    effects = [row for row in context.of("presence_effect", brand) if row["effect"] is not None]
    return [*(_hours(context, row) for row in hours), *(_effect(row) for row in effects)]


def figures(context: Context, brand: str) -> list[Figure]:
    """By month and activity; nothing where no visit was delivered."""
    rows = context.of("presence", brand)
    effects = context.of("presence_effect", brand)
    return [*([_presence(rows)] if rows else []), *([_effects(effects)] if effects else [])]


def _of_all(context: Context, brand: str) -> list[Row]:
    return [row for row in context.of("presence", brand) if row["period"] == "all"]


def _hours(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "hours_per_executive_month", "executive_months")
    return Headline(
        label=_("Hours of executives with customers"),
        metric=f"{PRESENCE}.hours_per_executive_month",
        unit="number",
        estimate=estimate,
        observed=_("executive-months"),
        sentence=_(
            "For each executive and month in office, in {visits} to where customers are served.",
            visits=wording.count(row["visits"], "visit"),
        ),
        definition=Definition(PRESENCE, ("hours_per_executive_month", "visits", "executive_months"), ""),
        missing=context.too_few(estimate, _("executive-months")),
        uncertainty=_("No interval: all visits are counted"),
    )


def _effect(row: Row) -> Headline:
    return Headline(
        label=_("Change with a first visit, {units}", units=_(UNITS[row["unit_type"]])),
        metric=f"{EFFECT}.effect",
        unit="number",
        estimate=_estimate(row),
        observed=_(UNITS[row["unit_type"]]),
        sentence=_(
            "Days at standard after a first visit less before, beyond {unvisited:,} never visited; 1 is from never to "
            "always. Who visits where it burns meets a recovery.",
            unvisited=row["units_unvisited"],
        ),
        definition=Definition(EFFECT, ("effect", "units_compared", "units_unvisited"), ""),
    )


def _presence(rows: list[Row]) -> Figure:
    ratios = ("visits_per_executive_month", "hours_per_executive_month")
    return Figure(
        slug="management-presence",
        title=_("Do executives go where customers are served?"),
        text=_(
            "Visits and hours for each executive and month in office, whether anybody went or not. Visits of others "
            "are counted apart. Months that are over."
        ),
        alt=_("List of visits by month and activity, {rows:,} rows.", rows=len(rows)),
        table=Table(
            (
                Column("period", _("Month")),
                Column("activity", _("Activity")),
                Column("visits", _("Visits"), "count"),
                Column("hours", _("Hours"), "number"),
                Column("executive_months", _("Executive-months"), "count"),
                Column("visits_each", _("Visits each"), "number"),
                Column("hours_each", _("Hours each"), "number"),
                Column("others", _("Visits of others"), "count"),
            ),
            [
                (
                    _("All months") if row["period"] == "all" else row["period"],
                    _(ACTIVITIES[row["activity"]]),
                    row["visits"],
                    row["visit_seconds"] / 3600,
                    row["executive_months"],
                    *(None if row[name] is None else float(row[name]) for name in ratios),
                    row["visits_of_others"],
                )
                for row in rows
            ],
        ),
        definition=Definition(PRESENCE, (*ratios, "executive_months", "visits_of_others"), ""),
    )


def _effects(rows: list[Row]) -> Figure:
    known = [row for row in rows if row["effect"] is not None]
    points = [
        dot(_("{name}\nn = {n:,}", name=_(UNITS[row["unit_type"]]), n=_estimate(row).n), _estimate(row))
        for row in known
    ]
    weeks = wording.count(rows[0]["comparison_window_weeks"], "week")
    return Figure(
        slug="presence-effect",
        title=_("Does it show where they have been?"),
        text=_(
            "Days at standard, all standards together, in the {weeks} after the first recorded visit less those in the "
            "{weeks} before, beyond the same at places never visited.",
            weeks=weeks,
        ),
        alt=_("Dot chart of effects of first visits, {points:,} kinds of places.", points=len(points)),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("unit_type", _("Places")),
                Column("visited", _("Visited"), "count"),
                Column("compared", _("Of these compared"), "count"),
                *estimate_columns(_("Places compared")),
                *(Column(name, _(label), "share") for name, label in SHARES.items()),
                Column("reason", _("Why no effect")),
            ),
            [
                (
                    _(UNITS[row["unit_type"]]),
                    row["units_visited"],
                    row["units_compared"],
                    *cells(_estimate(row)),
                    *(None if row[name] is None else float(row[name]) for name in SHARES),
                    _(REASONS.get(row["uncompared_because"], "")),
                )
                for row in rows
            ],
        ),
        definition=Definition(EFFECT, ("effect", "units_compared", "units_unvisited", "units_open"), ""),
    )


def _estimate(row: Row) -> Estimate:
    return estimate_of(row | {"units": row["units_compared"] + row["units_unvisited"]}, "effect", "units")
