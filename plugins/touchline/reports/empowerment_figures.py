"""What the first employee may put right without asking, what that costs, and how much sooner it is decided."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row

MART = "rpt_empowerment"

QUERIES = {
    "empowerment": """
        select * from rpt_empowerment where period = 'all'
        order by brand, failure_type <> 'all', recoveries desc, failure_type collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Closed by the first employee alone, and what an approval goes with."""
    rows = [row for row in context.of("empowerment", brand) if row["failure_type"] == "all"]
    return [headline for row in rows for headline in (_alone(context, row), _approval(context, row))]


def missing(context: Context, brand: str) -> list[str]:
    """What of empowerment nobody recorded."""
    rows = [row for row in context.of("empowerment", brand) if row["failure_type"] == "all"]
    if not rows:
        return ["No empowerment: no source of this brand delivered recoveries."]
    if not rows[0]["limits_known"]:
        return ["Spending is held to no limit: no recovery decided alone names an employee with one."]
    return []


def figures(context: Context, brand: str) -> list[Figure]:
    """By type of failure; nothing where no recovery was delivered."""
    rows = context.of("empowerment", brand)
    return [_by_type(rows), _limits(rows)] if rows else []


def _alone(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "first_share", "closers_known")
    known = wording.count(row["closers_known"], "completed recovery", "completed recoveries")
    return Headline(
        label="Put right by the first",
        metric=f"{MART}.first_share",
        unit="share",
        estimate=estimate,
        observed="recoveries",
        sentence=f"{row['closed_by_first']:,} of {known} were made good by the employee who met them first, with no "
        "escalation and no approval.",
        definition=Definition(MART, ("first_share", "closed_by_first", "closers_known"), ""),
        missing=context.too_few(estimate, "recoveries"),
    )


def _approval(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row | {"n": min(row["decided_alone"], row["decided_approved"])}, "approval_hours", "n")
    return Headline(
        label="Hours that go with an approval",
        metric=f"{MART}.approval_hours",
        unit="number",
        estimate=estimate,
        observed="recoveries of the smaller group",
        sentence=f"Mean time to a decision of {row['decided_approved']:,} recoveries with approval less that of "
        f"{row['decided_alone']:,} without. An association: what needs approval may be harder to decide.",
        definition=Definition(MART, ("approval_hours", "hours_alone", "hours_approved"), ""),
        missing=context.too_few(estimate, "recoveries"),
    )


def _by_type(rows: list[Row]) -> Figure:
    estimates = [(_name(row), estimate_of(row, "first_share", "closers_known"), row) for row in rows]
    points = [dot(f"{name}\nn = {e.n:,}", e) for name, e, _ in estimates if e.value is not None]
    hours = ("hours_alone", "hours_approved", "approval_hours", "approval_hours_lower", "approval_hours_upper")
    return Figure(
        slug="put-right-by-the-first",
        title="What may our people put right without asking?",
        text="Share of completed recoveries that the first employee made good, neither escalated nor approved by "
        "anybody, by type of failure. The table tells how many hours a decision took with and without approval.",
        alt=f"Dot chart of {wording.count(len(points), 'group')} of recoveries, {spread(e for _, e, _ in estimates)}.",
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("failure_type", "Failure"),
                *estimate_columns("Completed"),
                Column("decided_alone", "Decided alone", "count"),
                Column("decided_approved", "With approval", "count"),
                Column("hours_alone", "Hours alone", "number"),
                Column("hours_approved", "Hours with approval", "number"),
                Column("approval_hours", "Difference", "number"),
                Column("approval_hours_lower", "Difference, 95 % from", "number"),
                Column("approval_hours_upper", "Difference, 95 % to", "number"),
            ),
            [
                (
                    name,
                    *cells(e),
                    row["decided_alone"],
                    row["decided_approved"],
                    *(_number(row[hour]) for hour in hours),
                )
                for name, e, row in estimates
            ],
        ),
        definition=Definition(MART, ("first_share", "hours_alone", "hours_approved", "approval_hours"), ""),
    )


def _limits(rows: list[Row]) -> Figure:
    estimates = [(_name(row), estimate_of(row, "over_limit_share", "limits_known"), row) for row in rows]
    points = [
        dot(f"{_name(row)}\nn = {row['limits_known']:,}", estimate_of(row, "limit_used", "limits_known"), "number")
        for row in rows
        if row["limit_used"] is not None
    ]
    return Figure(
        slug="room-to-act",
        title="How much of their room to act do they use?",
        text="Compensation of what was decided alone, against the limits of those who decided: 1 is the whole of "
        "the limit. The table counts what went beyond it, unapproved.",
        alt=f"Dot chart of the part of the limit used in {wording.count(len(points), 'group')} of recoveries.",
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("failure_type", "Failure"),
                *estimate_columns("With a limit"),
                Column("over_limit", "Over it", "count"),
                Column("limit_used", "Part of the limit", "number"),
                Column("limit_used_lower", "Part, 95 % from", "number"),
                Column("limit_used_upper", "Part, 95 % to", "number"),
                Column("spent", "Spent", "number"),
                Column("own_limit", "Limits", "number"),
                Column("currency", "Currency"),
            ),
            [
                (
                    name,
                    *cells(estimate),
                    row["over_limit"],
                    *(_number(row[f"limit_used{end}"]) for end in ("", "_lower", "_upper")),
                    _number(row["spent"]),
                    _number(row["own_limit"]),
                    row["currency"],
                )
                for name, estimate, row in estimates
            ],
        ),
        definition=Definition(
            MART,
            ("limit_used", "over_limit_share", "spent", "own_limit"),
            "The value of the table is over_limit_share.",
        ),
    )


def _name(row: Row) -> str:
    return "all failures" if row["failure_type"] == "all" else one_line(row["failure_type"]).replace("_", " ")


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
