"""Stages, frequent paths and the touchpoints at which journeys break, for the page on journeys."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    latest,
    one_line,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

JOURNEYS, PATHS = "rpt_journeys", "rpt_journey_paths"
STAGES = {"before": N_("before the purchase"), "during": N_("during the purchase"), "after": N_("after the purchase")}
SHOWN_PATHS = 10
MOST_OPEN = 0.05
"""A month of which more may still go on has seen the end of its short journeys only."""
OTHER = N_("all others")

QUERIES = {
    "journeys": """
        select * from rpt_journeys
        order by brand, period_month, case journey_stage when 'before' then 1 when 'during' then 2 else 3 end
    """,
    "journey_paths": """
        select brand, period_month, aspect, code, episodes, all_episodes, broken
        from rpt_journey_paths order by brand, period_month, aspect, frequency_rank nulls last
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """What the marts hold of the brand, breaks first."""
    rows = context.of("journeys", brand)
    over = settled(rows)
    months = {row["period_month"] for row in over}
    paths = latest([row for row in context.of("journey_paths", brand) if row["period_month"] in months])
    found: list[Figure] = []
    if over:
        found.append(_months(context, over))
    if paths:
        found += [_ends(context, paths), _paths(context, paths)]
    if rows:
        found.append(_stages(rows))
    return found


def settled(rows: list[Row]) -> list[Row]:
    """The rows of months that are over but for one episode in twenty."""
    return [row for row in rows if row["open_episodes"] <= MOST_OPEN * (row["episodes"] + row["open_episodes"])]


def _months(context: Context, rows: list[Row]) -> Figure:
    estimates = {}
    for month in sorted({row["period_month"] for row in rows}):
        own = [row for row in rows if row["period_month"] == month]
        estimates[month] = share(total(own, "broken"), total(own, "ended"), context.min_cell)
    days = rows[0]["journey_window_days"]
    return Figure(
        slug="broken-journeys",
        title=_("How many journeys break?"),
        text=_(
            "Share of episodes that end without a solution (the caller gave up, the call is marked unresolved, or the "
            "case was not solved in time) and whose customer was not heard of about it within {days} days, by the "
            "month they began, once nineteen in twenty of them are over: short ones end first.",
            days=days,
        ),
        alt=_("Line chart of broken journeys by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Broken"), step="month"),
        table=Table(
            (Column("month", _("Began in month from"), "date"), *estimate_columns(_("Episodes over"))),
            [(month, *cells(estimate)) for month, estimate in estimates.items()],
        ),
        definition=Definition(JOURNEYS, ("broken_share", "broken", "ended"), _("The stages of a month are added up.")),
    )


def _by_code(rows: list[Row], aspect: str) -> dict[str, list[Row]]:
    """Rows of one aspect by path or touchpoint, the most frequent first, what is not told apart last."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if row["aspect"] == aspect:
            code = _(OTHER) if row["code"] == "other" else one_line(row["code"]).replace("_", " ")
            grouped.setdefault(code, []).append(row)
    ordered = sorted(grouped.items(), key=lambda item: (item[0] == _(OTHER), -total(item[1], "episodes"), item[0]))
    return dict(ordered)


def _ends(context: Context, rows: list[Row]) -> Figure:
    ends = _by_code(rows, "last_touchpoint")
    estimates = {
        code: share(total(own, "broken"), total(own, "episodes"), context.min_cell) for code, own in ends.items()
    }
    shown = {code: e for code, e in estimates.items() if e.value}
    points = [dot(f"{code}\nn = {e.n:,}", e) for code, e in sorted(shown.items(), key=lambda one: -(one[1].value or 0))]
    return Figure(
        slug="where-journeys-break",
        title=_("What came last where journeys broke?"),
        text=_(
            "Of the episodes that ended at a touchpoint, the share that broke there; latest months. Touchpoints at "
            "which none broke are in the table."
        ),
        alt=_(
            "Dot chart of {touchpoints}, {spread}.",
            touchpoints=wording.count(len(points), "touchpoint"),
            spread=spread(shown.values()),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("touchpoint", _("Last touchpoint")),
                *estimate_columns(_("Ended there")),
                Column("b", _("Broke"), "count"),
            ),
            [(code, *cells(e), total(ends[code], "broken")) for code, e in estimates.items()],
        ),
        definition=Definition(PATHS, ("aspect", "broken_share", "broken", "episodes"), _pooled(rows)),
    )


def _paths(context: Context, rows: list[Row]) -> Figure:
    paths = _by_code(rows, "path")
    episodes = sum(total(own, "episodes") for own in paths.values())
    estimates: list[tuple[str, Estimate, Estimate]] = []
    for code, own in paths.items():
        taken = share(total(own, "episodes"), episodes, context.min_cell)
        estimates.append((code, taken, share(total(own, "broken"), total(own, "episodes"), context.min_cell)))
    shown = [(code, taken) for code, taken, _ in estimates if taken.value is not None and code != OTHER][:SHOWN_PATHS]
    points = [dot(code, taken) for code, taken in shown]
    return Figure(
        slug="journey-paths",
        title=_("Which ways do customers take?"),
        text=_(
            "The most frequent orders of touchpoints among {episodes:,} episodes of the latest months, with the share "
            "of episodes that took each. The table adds how many of them broke.",
            episodes=episodes,
        ),
        alt=_(
            "Dot chart of {paths}, {spread}.",
            paths=wording.count(len(points), "path"),
            spread=spread(taken for _, taken in shown),
        ),
        draw=partial(charts.dots, points, has_bars=True) if points else None,
        table=Table(
            (
                Column("path", _("Touchpoints in order")),
                Column("episodes", _("Took it"), "count"),
                *estimate_columns(_("Of episodes")),
                Column("broken", _("Broke"), "count"),
                Column("broken_share", _("Broke, share"), "share"),
            ),
            [
                (code, total(paths[code], "episodes"), *cells(taken), total(paths[code], "broken"), broke.value)
                for code, taken, broke in estimates
            ],
        ),
        definition=Definition(PATHS, ("code", "episode_share", "broken_share"), _pooled(rows)),
    )


def _stages(rows: list[Row]) -> Figure:
    days = rows[0]["journey_window_days"]
    on = [estimate_of(row | {"n": row["judged"] or 0}, "went_on_share", "n") for row in rows]
    return Figure(
        slug="journey-stages",
        title=_("Which stages do journeys pass, and who goes on?"),
        text=_(
            "Share of episodes with a touch at the stage; of these, share of those whose customer was met at a later "
            "stage within {days} days, and how long it took. A dash stands for what no source shows, or for too few.",
            days=days,
        ),
        alt=_("Table of stages by month."),
        table=Table(
            (
                Column("month", _("Began in month from"), "date"),
                Column("stage", _("Stage")),
                Column("observed", _("Observed")),
                Column("episodes", _("Episodes over"), "count"),
                Column("passing_share", _("Pass it"), "share"),
                *estimate_columns(_("Went on, of")),
                Column("hours", _("Median hours until then"), "number"),
                Column("ended", _("Ended there"), "count"),
                Column("broken_share", _("Broke there"), "share"),
            ),
            [
                (
                    row["period_month"],
                    row["journey_stage"],
                    _("yes") if row["is_observed"] else _("no"),
                    row["episodes"],
                    row["passing_share"],
                    *cells(estimate)[:3],
                    row["judged"],
                    row["hours_to_next_median"],
                    row["ended"],
                    row["broken_share"],
                )
                for row, estimate in zip(rows, on, strict=True)
            ],
        ),
        definition=Definition(
            JOURNEYS, ("is_observed", "passing_share", "went_on_share", "hours_to_next_median", "broken_share"), ""
        ),
    )


def _pooled(rows: list[Row]) -> str:
    span = wording.months(rows[0]["period_month"], rows[-1]["period_month"])
    return _("Months are pooled by summing counts ({span}); the interval is Wilson's.", span=span)
