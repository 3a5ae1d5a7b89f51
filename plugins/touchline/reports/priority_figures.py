"""The list of what to put right first, with its interval and its owner."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line
from touchline.reports.published import Row

MART = "rpt_priorities"
SHOWN = 12

QUERIES = {
    "priorities": """
        select brand, priority, code, coalesce(name, code) as name, owner, people_touched, spend, currency,
            judged_people, retained_share, matched_share, retention_difference, retention_difference_lower,
            retention_difference_upper, value_at_stake, value_at_stake_lower, value_at_stake_upper, is_clear, lapse_days
        from rpt_priorities order by brand, priority
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """The first of the list; none where nothing went wrong for anybody who buys."""
    rows = context.of("priorities", brand)
    if not rows:
        return []
    first = rows[0]
    difference = _difference(first)
    return [
        Headline(
            label=f"First: {one_line(first['name'])}",
            metric=f"{MART}.retention_difference",
            unit="number",
            estimate=difference,
            observed="customers met",
            sentence=_sentence(first),
            definition=Definition(
                MART,
                ("priority", "retention_difference", "value_at_stake", "people_touched"),
                "An association: nobody drew lots whom it meets.",
            ),
            missing=context.too_few(difference, "customers met and judged"),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The list; nothing where it is empty."""
    rows = context.of("priorities", brand)
    if not rows:
        return []
    days = rows[0]["lapse_days"]
    judged = [(one_line(row["name"]), _difference(row)) for row in rows]
    shown = [(name, estimate) for name, estimate in judged if estimate.value is not None][:SHOWN]
    points = [dot(f"{name}\nn = {estimate.n:,}", estimate, "number") for name, estimate in shown]
    return [
        Figure(
            slug="priorities",
            title="Which failures and gaps go with customers who stay away?",
            text=f"Ranked by what customers whom it met in the last {days} days spent, times the difference in "
            f"retention: share who bought again in {days} days, less that of customers like them (same week, recency, "
            "frequency and segment). An interval that holds 0 leaves the order open.",
            alt=f"Dot chart of differences in retention of {wording.count(len(shown), 'failure or gap', 'failures')}.",
            draw=partial(charts.dots, points, is_share=False) if points else None,
            table=Table(_COLUMNS, [_cells(row) for row in rows]),
            definition=Definition(
                MART, ("retention_difference", "value_at_stake", "people_touched", "spend", "owner", "is_clear"), ""
            ),
        )
    ]


_COLUMNS = (
    Column("name", "Failure or gap"),
    Column("owner", "Owner"),
    Column("people_touched", "Customers met", "count"),
    *estimate_columns("Judged", "number"),
    Column("retained_share", "Bought again", "share"),
    Column("matched_share", "Others like them", "share"),
    Column("value_at_stake", "At stake", "number"),
    Column("value_at_stake_lower", "At stake, 95 % from", "number"),
    Column("value_at_stake_upper", "At stake, 95 % to", "number"),
    Column("currency", "Currency"),
)


def _cells(row: Row) -> tuple[object, ...]:
    money = (row["value_at_stake"], row["value_at_stake_lower"], row["value_at_stake_upper"])
    return (
        one_line(row["name"]),
        row["owner"],
        row["people_touched"],
        *cells(_difference(row)),
        _number(row["retained_share"]),
        _number(row["matched_share"]),
        *map(_number, money),
        row["currency"],
    )


def _difference(row: Row) -> Estimate:
    return estimate_of(row, "retention_difference", "judged_people")


def _sentence(row: Row) -> str:
    met = f"{wording.count(row['people_touched'], 'customer')} of the last {row['lapse_days']} days met it"
    owner = f"; {one_line(row['owner'])} answers for it" if row["owner"] else "; nobody is named to answer for it"
    if row["value_at_stake"] is None:
        return f"{met}{owner}."
    money = f"{row['value_at_stake']:,.0f} {row['currency'] or ''}".strip()
    clear = "" if row["is_clear"] else " The interval holds 0: chance alone might show as much."
    return f"{met}; {money} of their spend goes with the difference to customers like them{owner}.{clear}"


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
