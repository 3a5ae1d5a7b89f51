"""What it takes to resolve a matter, for the page of the contact centre: work and cost, satisfaction beside them."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, dot, estimate_of, one_line
from touchline.reports.context import cells as estimate_cells
from touchline.reports.published import Row
from touchline.reports.words import _

MART = "rpt_efficiency"
MOST_OPEN = 0.05

QUERIES = {
    "efficiency": """
        select * from rpt_efficiency where issue_code = 'all' and resolved + returned + follow_on > 0
        order by brand, period_month
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Work per resolved matter in the latest settled month; none before one is settled."""
    settled = [row for row in context.of("efficiency", brand) if _is_settled(row)]
    if not settled:
        return []
    row = settled[-1]
    estimate = estimate_of(row, "labour_seconds_per_resolution", "resolved")
    return [
        Headline(
            label=_("Work per matter resolved"),
            metric=f"{MART}.labour_seconds_per_resolution",
            unit="seconds",
            estimate=estimate,
            observed=_("resolved episodes"),
            sentence=_(
                "Work on all matters that began in {month}, borne by the {resolved:,} after which nobody came back "
                "within {days} days.",
                month=wording.month(row["period_month"]),
                resolved=row["resolved"],
                days=row["window_days"],
            ),
            definition=_definition("labour_seconds_per_resolution", "all_labour_seconds", "resolved"),
            missing=context.too_few(estimate, _("resolved episodes")),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Why nothing is said of efficiency."""
    if context.of("efficiency", brand):
        return []
    return [_("No efficiency: no episode of a known person about a known issue is closed.")]


def figures(context: Context, brand: str) -> list[Figure]:
    """Month by month, the satisfied and what is spent in vain beside it."""
    rows = context.of("efficiency", brand)
    if not rows:
        return []
    work = [
        (wording.month(row["period_month"]), estimate_of(row, "labour_seconds_per_resolution", "resolved"))
        for row in rows
        if _is_settled(row)
    ]
    points = [dot(f"{month}\nn = {one.n:,}", one, "seconds") for month, one in work if one.value is not None]
    minutes = [point | {end: _minutes(point[end]) for end in ("value", "lower", "upper")} for point in points]
    return [
        Figure(
            slug="efficiency",
            title=_("What does it take to resolve a matter?"),
            text=_(
                "Minutes of work per resolved episode, by the month it began, once nineteen in twenty are closed. The "
                "resolved ones bear the work on those that customers came back about. The table adds contacts, cost, "
                "the work on the resolved ones alone, and how satisfied their customers were: work saved on the "
                "dissatisfied is none."
            ),
            alt=_(
                "Dot chart of work per resolved episode over {months}.",
                months=wording.count(len(points), "month"),
            ),
            draw=partial(charts.dots, minutes, is_share=False) if minutes else None,
            table=Table(_columns(), [_cells(row) for row in rows]),
            definition=_definition(
                "labour_seconds_per_resolution", "labour_seconds_of_resolved", "cost_per_resolution", "satisfied_share"
            ),
        )
    ]


def _columns() -> tuple[Column, ...]:
    return (
        Column("month", _("Began in month from"), "date"),
        Column("resolved", _("Resolved"), "count"),
        Column("returned", _("Came back"), "count"),
        Column("open", _("Still open"), "count"),
        Column("labour_seconds", _("Work per resolved"), "seconds"),
        Column("labour_seconds_lower", _("95 % from"), "seconds"),
        Column("labour_seconds_upper", _("95 % to"), "seconds"),
        Column("own_seconds", _("Work on the resolved alone"), "seconds"),
        Column("contacts", _("Contacts per resolved"), "number"),
        Column("cost", _("Cost per resolved"), "number"),
        Column("currency", _("Currency")),
        Column("satisfied", _("Satisfied"), "share"),
        Column("satisfied_lower", _("95 % from"), "share"),
        Column("satisfied_upper", _("95 % to"), "share"),
        Column("answers", _("Answers"), "count"),
        Column("response_rate", _("Answered"), "share"),
    )


def _cells(row: Row) -> tuple[object, ...]:
    bounds = [row.get(f"labour_seconds_per_resolution{end}") for end in ("", "_lower", "_upper")]
    means = [row[name] for name in ("labour_seconds_of_resolved", "contacts_per_resolution", "cost_per_resolution")]
    return (
        row["period_month"],
        row["resolved"],
        row["returned"],
        row["open_episodes"],
        *(None if value is None else float(value) for value in (*bounds, *means)),
        one_line(row["currency"]),
        *estimate_cells(estimate_of(row, "satisfied_share", "responses")),
        row["response_rate"],
    )


def _is_settled(row: Row) -> bool:
    """Whether nineteen in twenty episodes of the month are closed: short ones close first."""
    closed = row["resolved"] + row["returned"] + row["follow_on"]
    return bool(row["open_episodes"] <= MOST_OPEN * (closed + row["open_episodes"]))


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _definition(*columns: str) -> Definition:
    return Definition(MART, columns, "")
