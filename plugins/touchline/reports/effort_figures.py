"""The charts and lists of the page on effort, waiting and promises."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Kind, Table
from touchline.reports.context import (
    Context,
    cells,
    dot,
    estimate_columns,
    estimate_of,
    named,
    one_line,
    spread,
    timeline,
    total,
)
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

SHOWN_TYPES = 12
MOST_OPEN = 0.05
POOLED = N_("All months are pooled by summing counts; the interval is Wilson's.")

QUERIES = {
    "promises_by_month": """
        select brand, due_month, due, kept, late, overdue, kept_share, kept_share_lower, kept_share_upper
        from rpt_promises where promise_type = 'all' and made_by = 'all' order by brand, due_month
    """,
    "promises_by_type": """
        select brand, promise_type, sum(due)::bigint as due, sum(kept)::bigint as kept, sum(late)::bigint as late,
            sum(overdue)::bigint as overdue
        from rpt_promises where promise_type <> 'all' and made_by = 'all'
        group by brand, promise_type order by brand, sum(due) desc, promise_type collate "C"
    """,
    "open_promises": """
        select brand, worst_rank, promise_key, promise_type, owner_employee_id, made_at, due_at, overdue_seconds
        from rpt_open_promises order by brand, worst_rank
    """,
    "waiting": """
        select brand, period_month, sum(waits)::bigint as waits, sum(told)::bigint as told,
            sum(quotes_judged)::bigint as quotes_judged, sum(quotes_kept)::bigint as quotes_kept,
            sum(callbacks_due)::bigint as callbacks_due, sum(callbacks_kept)::bigint as callbacks_kept,
            sum(told_waiting)::bigint as told_waiting, sum(told_abandoned)::bigint as told_abandoned,
            sum(untold_waiting)::bigint as untold_waiting, sum(untold_abandoned)::bigint as untold_abandoned,
            min(landmark_seconds) as landmark_seconds
        from rpt_waiting where queue_id = 'all' group by brand, period_month order by brand, period_month
    """,
    "effort": """
        select * from rpt_customer_effort where issue_code = 'all' and episodes > 0 order by brand, period_month
    """,
    "effort_scores": """
        select * from rpt_effort_scores where period = 'all' and segment_code = 'all'
        order by brand, survey_version, channel collate "C"
    """,
}


def figures(context: Context, brand: str) -> list[Figure]:
    """What the marts hold of the brand, promises first."""
    found: list[Figure] = []
    if months := context.of("promises_by_month", brand):
        found.append(_promise_months(months))
    if types := context.of("promises_by_type", brand):
        found.append(_promise_types(context, types))
    if still_open := context.of("open_promises", brand):
        found.append(_open_list(still_open))
    if waiting := context.of("waiting", brand):
        found.append(_told_and_untold(context, waiting))
    if effort := context.of("effort", brand):
        found.append(_episodes(effort))
    if scores := context.of("effort_scores", brand):
        found.append(_scores(scores))
    return found


def _promise_months(rows: list[Row]) -> Figure:
    estimates = {row["due_month"]: estimate_of(row, "kept_share", "due") for row in rows}
    return Figure(
        slug="promises-kept",
        title=_("Do we keep our word?"),
        text=_(
            "Share of promises fulfilled by their due date, by the month they fell due. One that is not due yet is in "
            "no month."
        ),
        alt=_("Line chart of promises kept by month, {spread}.", spread=spread(estimates.values())),
        draw=partial(charts.trend, timeline(estimates, "month"), label=_("Kept by the due date"), step="month"),
        table=Table(
            (Column("month", _("Due in month from"), "date"), *estimate_columns(_("Promises due"))),
            [(month, *cells(estimate)) for month, estimate in estimates.items()],
        ),
        definition=Definition("rpt_promises", ("kept_share", "kept", "due"), ""),
    )


def _promise_types(context: Context, rows: list[Row]) -> Figure:
    estimates = [(one_line(row["promise_type"]), share(row["kept"], row["due"], context.min_cell), row) for row in rows]
    shown = [(name, estimate) for name, estimate, _ in estimates if estimate.value is not None][:SHOWN_TYPES]
    points = [dot(f"{name}\nn = {estimate.n:,}", estimate) for name, estimate in shown]
    return Figure(
        slug="promise-types",
        title=_("Which promises are broken?"),
        text=_("Promises kept by what was promised, over all months, the most frequent first."),
        alt=_(
            "Dot chart of {types} of promise, {spread}.",
            types=wording.count(len(shown), "type"),
            spread=spread(e for _, e in shown),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("promise_type", _("Promise")),
                *estimate_columns(_("Promises due")),
                Column("late", _("Late"), "count"),
                Column("overdue", _("Overdue"), "count"),
            ),
            [(name, *cells(estimate), row["late"], row["overdue"]) for name, estimate, row in estimates],
        ),
        definition=Definition("rpt_promises", ("promise_type", "kept_share", "late", "overdue"), POOLED),
    )


def _open_list(rows: list[Row]) -> Figure:
    overdue = sum(row["overdue_seconds"] is not None for row in rows)
    return Figure(
        slug="open-promises",
        title=_("Which promises are open?"),
        text=_(
            "{promises} not fulfilled yet, {overdue:,} of them overdue: the longest overdue first, with who has to "
            "keep them.",
            promises=wording.count(len(rows), "promise"),
            overdue=overdue,
        ),
        alt=_("List of open promises."),
        table=Table(
            (
                Column("promise_type", _("Promise")),
                Column("owner_employee_id", _("Owner")),
                Column("due_at", _("Due"), "moment"),
                Column("overdue_seconds", _("Overdue for"), "seconds"),
                Column("promise_key", _("Key")),
            ),
            [
                (
                    one_line(row["promise_type"]),
                    row["owner_employee_id"],
                    row["due_at"],
                    row["overdue_seconds"],
                    row["promise_key"],
                )
                for row in rows
            ],
        ),
        definition=Definition("rpt_open_promises", ("worst_rank", "overdue_seconds", "owner_employee_id"), ""),
    )


def _told_and_untold(context: Context, rows: list[Row]) -> Figure:
    seconds = rows[0]["landmark_seconds"]
    groups = [
        (label, share(total(rows, f"{group}_abandoned"), total(rows, f"{group}_waiting"), context.min_cell))
        for label, group in ((_("Told how long"), "told"), (_("Not told"), "untold"))
    ]
    points = [dot(f"{label}\nn = {estimate.n:,}", estimate) for label, estimate in groups if estimate.value is not None]
    return Figure(
        slug="told-and-untold",
        title=_("Do callers stay when they know how long it takes?"),
        text=_(
            "Of callers still in the queue {seconds} seconds after joining it: share that gave up, by whether they "
            "had been told a wait or a position by then. An association: nobody drew lots who is told.",
            seconds=seconds,
        ),
        alt=_("Dot chart of two groups of callers, {spread}.", spread=spread(estimate for _, estimate in groups)),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (Column("group", _("Callers")), *estimate_columns(_("Still waiting"))),
            [(label, *cells(estimate)) for label, estimate in groups],
        ),
        definition=Definition(
            "rpt_waiting", ("told_abandonment_share", "untold_abandonment_share", "landmark_seconds"), POOLED
        ),
    )


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


def _scores(rows: list[Row]) -> Figure:
    def labelled(row: Row) -> str:
        return _(
            "{channel}, version {survey_version}",
            channel=named(row["channel"]),
            survey_version=one_line(row["survey_version"]),
        )

    means: list[tuple[str, Estimate]] = [
        (labelled(row), estimate_of(row, "effort_score_mean", "responses")) for row in rows
    ]
    points = [dot(f"{label}\nn = {e.n:,}", e, "index") for label, e in means if e.value is not None]
    return Figure(
        slug="effort-scores",
        title=_("How easy do customers find it?"),
        text=_(
            "Mean effort score (1 hard, 7 easy) by channel of the service, over all months, beside the net share of "
            "easy answers, and how many answered at all."
        ),
        alt=_("Dot chart of effort scores of {channels}.", channels=wording.count(len(points), "channel")),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("channel", _("Channel")),
                *estimate_columns(_("Answers"), "number"),
                Column("net_easy_score", _("Net easy score"), "number"),
                Column("response_rate", _("Answered"), "share"),
            ),
            [
                (label, *cells(estimate), row["net_easy_score"], row["response_rate"])
                for (label, estimate), row in zip(means, rows, strict=True)
            ],
            {"channel": [one_line(row["channel"]) for row in rows]},
        ),
        definition=Definition("rpt_effort_scores", ("effort_score_mean", "net_easy_score", "response_rate"), ""),
    )
