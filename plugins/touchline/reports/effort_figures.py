"""The charts and lists of the page on effort, waiting and promises."""

from collections.abc import Callable
from functools import partial
from typing import Any

from touchline.reports import charts, promise_figures, waiting_figures, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Kind, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    one_line,
)
from touchline.reports.published import Row
from touchline.reports.words import N_, _

MOST_OPEN = 0.05

QUERIES = {
    **promise_figures.QUERIES,
    "effort": """
        select * from rpt_customer_effort where issue_code = 'all' and episodes > 0 order by brand, period_month
    """,
    "effort_scores": """
        select * from rpt_effort_scores where period = 'all' and (segment_code = 'all' or channel = 'all')
        order by brand, survey_version collate "C", channel <> 'all', channel collate "C", segment_code <> 'all',
            segment_code collate "C"
    """,
    **waiting_figures.QUERIES,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """What the marts hold of the brand, promises first."""
    found = promise_figures.figures(context, brand) + waiting_figures.figures(context, brand)
    if effort := context.of("effort", brand):
        found.append(_episodes(effort))
    scores = context.of("effort_scores", brand)
    if channels := [row for row in scores if row["segment_code"] == "all"]:
        found.append(_channel_scores(channels))
    if segments := [row for row in scores if row["segment_code"] != "all"]:
        found.append(_segment_scores(segments))
    return found


def _episodes(rows: list[Row]) -> Figure:
    # A month with many episodes still open has closed the short ones only.
    settled = [row for row in rows if row["open_episodes"] <= MOST_OPEN * (row["episodes"] + row["open_episodes"])]
    touches = [
        (wording.month(row["period_month"]), estimate_of(row, "touches_mean", "touches_known")) for row in settled
    ]
    points = [
        dot(f"{month}\nn = {estimate.n:,}", estimate, "index")
        for month, estimate in touches
        if estimate.value is not None
    ]
    measures = ("touches", "channel_switches", "waiting_seconds", "transfers", "reasks")
    labels = (_("Touches"), _("Channel switches"), _("Waiting"), _("Transfers"), _("Asked again"))
    columns = [Column("month", _("Began in month from"), "date"), Column("episodes", _("Closed"), "count")]
    columns.append(Column("open_episodes", _("Still open"), "count"))
    for name, label in zip(measures, labels, strict=True):
        kind: Kind = "seconds" if name == "waiting_seconds" else "number"
        columns += [Column(f"{name}_{end}", _(text, measure=label) if text else label, kind) for end, text in _ENDS]
    return Figure(
        slug="episode-effort",
        title=_("How much does it take to get something settled?"),
        text=_(
            "Touches per closed episode, by the month it began, once nineteen in twenty of them are closed: short "
            "ones close first. The table adds waiting, transfers, switches of channel and being asked again. "
            "Intervals count persons."
        ),
        alt=_("Dot chart of touches per episode over {months}.", months=wording.count(len(points), "month")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(tuple(columns), [_effort_cells(row, measures) for row in rows]),
        definition=Definition(
            "rpt_customer_effort", ("touches_mean", "waiting_seconds_mean", "transfers_mean", "reasks_mean"), ""
        ),
    )


_ENDS = (("mean", ""), ("mean_lower", N_("{measure}, 95 % from")), ("mean_upper", N_("{measure}, 95 % to")))


def _effort_cells(row: Row, measures: tuple[str, ...]) -> tuple[object, ...]:
    values = [row[f"{name}_{end}"] for name in measures for end, _ in _ENDS]
    return (
        row["period_month"],
        row["episodes"],
        row["open_episodes"],
        *(None if value is None else float(value) for value in values),
    )


def _channel_scores(rows: list[Row]) -> Figure:
    means = _means(rows, "channel")
    return Figure(
        slug="effort-scores",
        title=_("How easy do customers find it?"),
        text=_(
            "Mean effort score (1 hard, 7 easy) by channel of the service, over all months, beside the net share of "
            "easy answers, and how many answered at all."
        ),
        alt=_("Dot chart of effort scores of {channels}.", channels=wording.count(len(means), "channel")),
        draw=_score_dots(means),
        table=_score_table(means, rows, Column("channel", _("Channel"))),
        definition=_SCORES,
    )


def _segment_scores(rows: list[Row]) -> Figure:
    means = _means(rows, "segment_code")
    return Figure(
        slug="effort-scores-by-segment",
        title=_("For whom is it hard?"),
        text=_("The same score, over all months, by the segment of the customer."),
        alt=_("Dot chart of effort scores of {segments}.", segments=wording.count(len(means), "segment")),
        draw=_score_dots(means),
        table=_score_table(means, rows, Column("segment", _("Segment"))),
        definition=_SCORES,
    )


_SCORES = Definition("rpt_effort_scores", ("effort_score_mean", "net_easy_score", "response_rate"), "")


def _means(rows: list[Row], column: str) -> list[tuple[str, Estimate]]:
    """Mean scores by channel or segment, each under the version of its survey."""
    labels = (
        _(
            "{channel}, version {survey_version}",
            channel=named(row[column]),
            survey_version=one_line(row["survey_version"]),
        )
        for row in rows
    )
    return [
        (label, estimate_of(row, "effort_score_mean", "responses")) for label, row in zip(labels, rows, strict=True)
    ]


def _score_dots(means: list[tuple[str, Estimate]]) -> Callable[[int], Any] | None:
    points = [dot(f"{label}\nn = {one.n:,}", one, "index") for label, one in means if one.value is not None]
    return partial(charts.dots, points, is_share=False) if points else None


def _score_table(means: list[tuple[str, Estimate]], rows: list[Row], first: Column) -> Table:
    code = "segment_code" if first.name == "segment" else "channel"
    return Table(
        (
            first,
            *estimate_columns(_("Answers"), "number"),
            Column("net_easy_score", _("Net easy score"), "number"),
            Column("response_rate", _("Answered"), "share"),
        ),
        [
            (label, *cells(estimate), row["net_easy_score"], row["response_rate"])
            for (label, estimate), row in zip(means, rows, strict=True)
        ],
        {first.name: [one_line(row[code]) for row in rows]},
    )
