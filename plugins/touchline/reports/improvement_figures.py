"""What became of changes to the service, for the page on gaps and standards."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    number,
    one_line,
)
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MART = "rpt_improvement_loop"
SHOWN = 12
REASONS = {
    "no_standard": N_("it names no standard"),
    "window_open": N_("the weeks after are not over"),
    "not_measured": N_("its places are not measured"),
    "no_unit_unchanged": N_("all places changed at once"),
    "too_few_units": N_("too few places"),
}
QUERIES = {
    "improvements": """
        select * from rpt_improvement_loop order by brand, first_changed_on desc, change_key collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """What cannot be told of changes, and why."""
    rows = context.of("improvements", brand)
    if not rows:
        return [_("No changes: no source of this brand delivered improvements (crm improvements).")]
    unknown = [
        _("{name} ({reason})", name=_name(row), reason=_(REASONS[row["uncompared_because"]]))
        for row in rows
        if row["uncompared_because"]
    ]
    return [_("Changes without an effect to tell: {names}.", names=wording.listing(unknown))] if unknown else []


def headlines(context: Context, brand: str) -> list[Headline]:
    """How many changes bettered their standard beyond chance."""
    known = [row for row in context.of("improvements", brand) if row["effect"] is not None]
    if not known:
        return []
    better = sum(row["is_clear"] and row["effect"] > 0 for row in known)
    worse = sum(row["is_clear"] and row["effect"] < 0 for row in known)
    return [
        Headline(
            label=_("Changes that bettered their standard"),
            metric=f"{MART}.is_clear",
            unit="count",
            estimate=Estimate(float(better), None, None, len(known)),
            observed=_("changes compared"),
            sentence=_(
                "Of {changes} held against places not changed, {better:,} clearly raised the days at standard and "
                "{worse:,} clearly lowered them. Not clear is not nil: its interval says how strong it may be.",
                changes=wording.count(len(known), "change"),
                better=better,
                worse=worse,
            ),
            definition=Definition(MART, ("is_clear", "effect", "comparison_window_weeks"), ""),
            uncertainty=_("No interval: changes are counted"),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The changes, the latest first."""
    rows = context.of("improvements", brand)
    return [_changes(rows)] if rows else []


def _changes(rows: list[Row]) -> Figure:
    shown = [row for row in rows if row["effect"] is not None][:SHOWN]
    points = [
        dot(_("{name}\nn = {n:,} places", name=_name(row), n=_estimate(row).n), _estimate(row), "share")
        for row in shown
    ]
    weeks = wording.count(rows[0]["comparison_window_weeks"], "week")
    return Figure(
        slug="improvements",
        title=_("Does what we change make it better?"),
        text=_(
            "Days at standard in the {weeks} after a change less those in the {weeks} before, at the places changed, "
            "less the same at places not changed. It is the change's own only if both would have gone on alike. Where "
            "all places changed at once there is nobody to compare with: their plain change, in the table, holds "
            "whatever else happened in these weeks.",
            weeks=weeks,
        ),
        alt=_(
            "Dot chart of the effects of {changes} with their intervals.", changes=wording.count(len(points), "change")
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("change", _("What changed")),
                Column("kind", _("Kind")),
                Column("changed_on", _("From"), "date"),
                Column("changed", _("Places changed"), "count"),
                *estimate_columns(_("Places compared")),
                Column("before", _("Before"), "share"),
                Column("after", _("After"), "share"),
                Column("unchanged_before", _("Elsewhere before"), "share"),
                Column("unchanged_after", _("Elsewhere after"), "share"),
                Column("days", _("Days judged"), "count"),
                Column("plain", _("Plain change"), "share"),
                Column("plain_lower", _("95 % from"), "share"),
                Column("plain_upper", _("95 % to"), "share"),
                Column("reason", _("Why no effect")),
            ),
            [_line(row) for row in rows],
        ),
        definition=Definition(MART, ("effect", "units_changed", "units_unchanged", "plain_change"), ""),
    )


def _line(row: Row) -> tuple[object, ...]:
    attained = ("attainment_before", "attainment_after", "unchanged_before", "unchanged_after")
    plain = ("plain_change", "plain_change_lower", "plain_change_upper")
    return (
        _name(row),
        row["kind"],
        row["first_changed_on"],
        row["units_changed"],
        *cells(_estimate(row)),
        *(number(row[name]) for name in attained),
        None if row["days_before"] is None else row["days_before"] + row["days_after"],
        *(number(row[name]) for name in plain),
        _(REASONS.get(row["uncompared_because"], "")),
    )


def _estimate(row: Row) -> Estimate:
    units = (row["units_changed"] or 0) + (row["units_unchanged"] or 0)
    return estimate_of(row | {"units": units}, "effect", "units")


def _name(row: Row) -> str:
    """Standard, else touchpoint, and day."""
    what = one_line(row["standard_code"] or row["touchpoint_code"] or row["kind"])
    return f"{what}, {wording.day(row['first_changed_on'])}"
