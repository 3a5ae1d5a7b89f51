"""What waiting callers are told, whether it is so, and whether they stay: all together and queue by queue."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Instead, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, named, spread, total
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_waiting"
SHOWN_QUEUES = 12
POOLED = N_("All months are pooled by summing counts; the interval is Wilson's.")

_SUMS = """
    sum(waits)::bigint as waits, sum(told)::bigint as told,
    sum(quotes_judged)::bigint as quotes_judged, sum(quotes_kept)::bigint as quotes_kept,
    sum(callbacks_due)::bigint as callbacks_due, sum(callbacks_kept)::bigint as callbacks_kept,
    sum(told_waiting)::bigint as told_waiting, sum(told_abandoned)::bigint as told_abandoned,
    sum(untold_waiting)::bigint as untold_waiting, sum(untold_abandoned)::bigint as untold_abandoned,
    min(landmark_seconds) as landmark_seconds
"""
QUERIES = {
    "waiting": f"""
        select brand, period_month, {_SUMS}
        from rpt_waiting where queue_id = 'all' group by brand, period_month order by brand, period_month
    """,
    "waiting_queues": f"""
        select * from (
            select brand, queue_id, {_SUMS},
                row_number() over (partition by brand order by sum(waits) desc, queue_id collate "C") as place
            from rpt_waiting where queue_id <> 'all' group by brand, queue_id
        ) as queues
        where place <= {SHOWN_QUEUES} order by brand, place
    """,
}

Group = tuple[str, str, Estimate]
"""A queue, whether its callers were told how long, and the share of them that gave up."""


def figures(context: Context, brand: str) -> list[Figure]:
    """Nothing where no call queued."""
    months, queues = context.of("waiting", brand), context.of("waiting_queues", brand)
    if not months:
        return []
    quoted = [_quotes(context, months, queues)] if any(row["quotes_judged"] for row in months) else []
    return [*quoted, _told_and_untold(context, months, queues)]


def _quotes(context: Context, months: list[Row], queues: list[Row]) -> Figure:
    groups = [(_("all"), months), *((named(row["queue_id"]), [row]) for row in queues)]
    kept = [
        (queue, share(total(rows, "quotes_kept"), total(rows, "quotes_judged"), context.min_cell), rows)
        for queue, rows in groups
    ]
    points = [dot(f"{queue}\nn = {one.n:,}", one) for queue, one, _rows in kept if one.value is not None]
    return Figure(
        slug="waits-as-quoted",
        title=_("In which queue is the wait as long as quoted?"),
        text=_(
            "Share of callers who were quoted a wait, stayed and did not wait longer, over all months, the busiest "
            "queues first. The table adds who was told anything, and callbacks made within their window."
        ),
        alt=_(
            "Dot chart of waits as quoted in {queues}, {spread}.",
            queues=wording.count(len(queues), "queue"),
            spread=spread(one for _queue, one, _rows in kept),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("queue", _("Queue")),
                *estimate_columns(_("Quotes judged")),
                Column("waits", _("Waits"), "count"),
                Column("told_share", _("Told anything"), "share"),
                Column("callbacks_due", _("Callbacks due"), "count"),
                Column("callback_kept_share", _("Callbacks in time"), "share"),
            ),
            [(queue, *cells(one), *_told_cells(context, rows)) for queue, one, rows in kept],
        ),
        definition=Definition(MART, ("quote_kept_share", "told_share", "callback_kept_share"), POOLED),
    )


def _told_cells(context: Context, rows: list[Row]) -> tuple[int, float | None, int, float | None]:
    """Without a single notice nobody can say whether none was given or none is recorded."""
    waits, told, due = (total(rows, column) for column in ("waits", "told", "callbacks_due"))
    told_share = share(told, waits, context.min_cell).value if told else None
    return waits, told_share, due, share(total(rows, "callbacks_kept"), due, context.min_cell).value


def _told_and_untold(context: Context, months: list[Row], queues: list[Row]) -> Figure:
    of_all = _groups(context, _("all"), months)
    of_each = [_groups(context, named(row["queue_id"]), [row]) for row in queues]
    return Figure(
        slug="told-and-untold",
        title=_("Do callers stay when they know how long it takes?"),
        text=_(
            "Of callers still in the queue {seconds} seconds after joining it: share that gave up, by whether they "
            "had been told a wait or a position by then. An association: nobody drew lots who is told.",
            seconds=months[0]["landmark_seconds"],
        ),
        alt=_described(of_all),
        draw=partial(charts.dots, points) if (points := _dots(of_all)) else None,
        table=Table(
            (
                Column("group", _("Callers")),
                Column("queue", _("Queue")),
                *estimate_columns(_("Still waiting")),
            ),
            [(label, queue, *cells(one)) for groups in (of_all, *of_each) for queue, label, one in groups],
        ),
        definition=Definition(MART, ("told_abandonment_share", "untold_abandonment_share", "landmark_seconds"), POOLED),
        instead=[
            Instead("unit", groups[0][0], _described(groups), partial(charts.dots, points))
            for groups in of_each
            if (points := _dots(groups))
        ],
    )


def _groups(context: Context, queue: str, rows: list[Row]) -> list[Group]:
    return [
        (queue, label, share(total(rows, f"{group}_abandoned"), total(rows, f"{group}_waiting"), context.min_cell))
        for label, group in ((_("Told how long"), "told"), (_("Not told"), "untold"))
    ]


def _dots(groups: list[Group]) -> list[dict[str, object]]:
    return [dot(f"{label}\nn = {one.n:,}", one) for _queue, label, one in groups if one.value is not None]


def _described(groups: list[Group]) -> str:
    return _("Dot chart of two groups of callers, {spread}.", spread=spread(one for *_names, one in groups))
