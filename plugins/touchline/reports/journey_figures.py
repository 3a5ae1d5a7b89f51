"""Stages, frequent paths and the touchpoints at which journeys break, for the page on journeys."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Table
from touchline.reports.context import (
    RECENT_MONTHS,
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    one_line,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share

JOURNEYS, PATHS = "rpt_journeys", "rpt_journey_paths"
STAGES = {"before": "before the purchase", "during": "during the purchase", "after": "after the purchase"}
SHOWN_PATHS = 10
MOST_OPEN = 0.05
"""A month of which more may still go on has seen the end of its short journeys only."""
OTHER = "all others"

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


def latest(rows: list[Row]) -> list[Row]:
    """The rows of the latest months that hold any."""
    months = sorted({row["period_month"] for row in rows})[-RECENT_MONTHS:]
    return [row for row in rows if row["period_month"] in months]


def _months(context: Context, rows: list[Row]) -> Figure:
    estimates = {}
    for month in sorted({row["period_month"] for row in rows}):
        own = [row for row in rows if row["period_month"] == month]
        estimates[month] = share(total(own, "broken"), total(own, "ended"), context.min_cell)
    days = rows[0]["journey_window_days"]
    return Figure(
        slug="broken-journeys",
        title="How many journeys break?",
        text="Share of episodes that end without a solution (the caller gave up, the call is marked unresolved, or "
        f"the case was not solved in time) and whose customer was not heard of about it within {days} days, by the "
        "month they began, once nineteen in twenty of them are over: short ones end first.",
        alt=f"Line chart of broken journeys by month, {spread(estimates.values())}.",
        draw=partial(charts.trend, timeline(estimates, "month"), label="Broken", step="month"),
        table=Table(
            (Column("month", "Began in month from", "date"), *estimate_columns("Episodes over")),
            [(month, *cells(estimate)) for month, estimate in estimates.items()],
        ),
        definition=Definition(JOURNEYS, ("broken_share", "broken", "ended"), "The stages of a month are added up."),
    )


def _by_code(rows: list[Row], aspect: str) -> dict[str, list[Row]]:
    """Rows of one aspect by path or touchpoint, the most frequent first, what is not told apart last."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if row["aspect"] == aspect:
            code = OTHER if row["code"] == "other" else one_line(row["code"]).replace("_", " ")
            grouped.setdefault(code, []).append(row)
    ordered = sorted(grouped.items(), key=lambda item: (item[0] == OTHER, -total(item[1], "episodes"), item[0]))
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
        title="What came last where journeys broke?",
        text="Of the episodes that ended at a touchpoint, the share that broke there; latest months. Touchpoints at "
        "which none broke are in the table.",
        alt=f"Dot chart of {wording.count(len(points), 'touchpoint')}, {spread(shown.values())}.",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (Column("touchpoint", "Last touchpoint"), *estimate_columns("Ended there"), Column("b", "Broke", "count")),
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
        title="Which ways do customers take?",
        text=f"The most frequent orders of touchpoints among {episodes:,} episodes of the latest months, with the "
        "share of episodes that took each. The table adds how many of them broke.",
        alt=f"Dot chart of {wording.count(len(points), 'path')}, {spread(taken for _, taken in shown)}.",
        draw=partial(charts.dots, points, has_bars=True) if points else None,
        table=Table(
            (
                Column("path", "Touchpoints in order"),
                Column("episodes", "Took it", "count"),
                *estimate_columns("Of episodes"),
                Column("broken", "Broke", "count"),
                Column("broken_share", "Broke, share", "share"),
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
        title="Which stages do journeys pass, and who goes on?",
        text=f"Share of episodes with a touch at the stage; of these, share of those whose customer was met at a later "
        f"stage within {days} days, and how long it took. A dash stands for what no source shows, or for too few.",
        alt="Table of stages by month.",
        table=Table(
            (
                Column("month", "Began in month from", "date"),
                Column("stage", "Stage"),
                Column("observed", "Observed"),
                Column("episodes", "Episodes over", "count"),
                Column("passing_share", "Pass it", "share"),
                *estimate_columns("Went on, of"),
                Column("hours", "Median hours until then", "number"),
                Column("ended", "Ended there", "count"),
                Column("broken_share", "Broke there", "share"),
            ),
            [
                (
                    row["period_month"],
                    row["journey_stage"],
                    "yes" if row["is_observed"] else "no",
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
    return f"Months are pooled by summing counts ({span}); the interval is Wilson's."
