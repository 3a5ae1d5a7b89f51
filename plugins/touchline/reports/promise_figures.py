"""Whether promises are kept: month by month, by what was promised, and which are open."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread, timeline
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

SHOWN_TYPES = 12
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
}


def figures(context: Context, brand: str) -> list[Figure]:
    """What is known of the brand's promises; nothing where none was delivered."""
    found: list[Figure] = []
    if months := context.of("promises_by_month", brand):
        found.append(_promise_months(months))
    if types := context.of("promises_by_type", brand):
        found.append(_promise_types(context, types))
    if still_open := context.of("open_promises", brand):
        found.append(_open_list(still_open))
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
