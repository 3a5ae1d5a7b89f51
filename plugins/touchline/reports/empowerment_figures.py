"""What the first employee may put right without asking, what that costs, and how much sooner it is decided."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import _

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
        return [_("No empowerment: no source of this brand delivered recoveries.")]
    if not rows[0]["limits_known"]:
        return [_("Spending is held to no limit: no recovery decided alone names an employee with one.")]
    return []


def figures(context: Context, brand: str) -> list[Figure]:
    """By type of failure; nothing where no recovery was delivered."""
    rows = context.of("empowerment", brand)
    return [_by_type(rows), _limits(rows)] if rows else []


def _alone(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row, "first_share", "closers_known")
    known = wording.count(row["closers_known"], "completed recovery", "completed recoveries")
    return Headline(
        label=_("Put right by the first"),
        metric=f"{MART}.first_share",
        unit="share",
        estimate=estimate,
        observed=_("recoveries"),
        sentence=_(
            "{closed_by_first:,} of {known} were made good by the employee who met them first, with no escalation and "
            "no approval.",
            closed_by_first=row["closed_by_first"],
            known=known,
        ),
        definition=Definition(MART, ("first_share", "closed_by_first", "closers_known"), ""),
        missing=context.too_few(estimate, _("recoveries")),
    )


def _approval(context: Context, row: Row) -> Headline:
    estimate = estimate_of(row | {"n": min(row["decided_alone"], row["decided_approved"])}, "approval_hours", "n")
    return Headline(
        label=_("Hours that go with an approval"),
        metric=f"{MART}.approval_hours",
        unit="number",
        estimate=estimate,
        observed=_("recoveries of the smaller group"),
        sentence=_(
            "Mean time to a decision of {decided_approved:,} recoveries with approval less that of {decided_alone:,} "
            "without. An association: what needs approval may be harder to decide.",
            decided_approved=row["decided_approved"],
            decided_alone=row["decided_alone"],
        ),
        definition=Definition(MART, ("approval_hours", "hours_alone", "hours_approved"), ""),
        missing=context.too_few(estimate, _("recoveries")),
    )


def _by_type(rows: list[Row]) -> Figure:
    estimates = [(_name(row), estimate_of(row, "first_share", "closers_known"), row) for row in rows]
    points = [dot(f"{name}\nn = {e.n:,}", e) for name, e, _ in estimates if e.value is not None]
    hours = ("hours_alone", "hours_approved", "approval_hours", "approval_hours_lower", "approval_hours_upper")
    return Figure(
        slug="put-right-by-the-first",
        title=_("What may our people put right without asking?"),
        text=_(
            "Share of completed recoveries that the first employee made good, neither escalated nor approved by "
            "anybody, by type of failure. The table tells how many hours a decision took with and without approval."
        ),
        alt=_(
            "Dot chart of {groups} of recoveries, {spread}.",
            groups=wording.count(len(points), "group"),
            spread=spread(e for _, e, _ in estimates),
        ),
        draw=partial(charts.dots, points) if points else None,
        table=Table(
            (
                Column("failure_type", _("Failure")),
                *estimate_columns(_("Completed")),
                Column("decided_alone", _("Decided alone"), "count"),
                Column("decided_approved", _("With approval"), "count"),
                Column("hours_alone", _("Hours alone"), "number"),
                Column("hours_approved", _("Hours with approval"), "number"),
                Column("approval_hours", _("Difference"), "number"),
                Column("approval_hours_lower", _("Difference, 95 % from"), "number"),
                Column("approval_hours_upper", _("Difference, 95 % to"), "number"),
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
        title=_("How much of their room to act do they use?"),
        text=_(
            "Compensation of what was decided alone, against the limits of those who decided: 1 is the whole of the "
            "limit. The table counts what went beyond it, unapproved."
        ),
        alt=_(
            "Dot chart of the part of the limit used in {groups} of recoveries.",
            groups=wording.count(len(points), "group"),
        ),
        draw=partial(charts.dots, points, is_share=False) if points else None,
        table=Table(
            (
                Column("failure_type", _("Failure")),
                *estimate_columns(_("With a limit")),
                Column("over_limit", _("Over it"), "count"),
                Column("limit_used", _("Part of the limit"), "number"),
                Column("limit_used_lower", _("Part, 95 % from"), "number"),
                Column("limit_used_upper", _("Part, 95 % to"), "number"),
                Column("spent", _("Spent"), "number"),
                Column("own_limit", _("Limits"), "number"),
                Column("currency", _("Currency")),
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
            _("The value of the table is over_limit_share."),
        ),
    )


def _name(row: Row) -> str:
    return _("all failures") if row["failure_type"] == "all" else one_line(row["failure_type"]).replace("_", " ")


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
