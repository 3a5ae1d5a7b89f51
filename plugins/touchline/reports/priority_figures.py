"""The list of what to put right first, with its interval and its owner."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

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
            label=_("First: {name}", name=one_line(first["name"])),
            metric=f"{MART}.retention_difference",
            unit="number",
            estimate=difference,
            observed=_("customers met"),
            sentence=_sentence(first),
            definition=Definition(
                MART,
                ("priority", "retention_difference", "value_at_stake", "people_touched"),
                _("An association: nobody drew lots whom it meets."),
            ),
            missing=context.too_few(difference, _("customers met and judged")),
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
            title=_("Which failures and gaps go with customers who stay away?"),
            text=_(
                "Ranked by what customers whom it met in the last {days} days spent, times the difference in "
                "retention: share who bought again in {days} days, less that of customers like them (same week, "
                "recency, frequency and segment). An interval that holds 0 leaves the order open.",
                days=days,
            ),
            alt=_(
                "Dot chart of differences in retention of {failures}.",
                failures=wording.count(len(shown), "failure or gap", "failures"),
            ),
            draw=partial(charts.dots, points, is_share=False) if points else None,
            table=Table(_COLUMNS, [_cells(row) for row in rows]),
            definition=Definition(
                MART, ("retention_difference", "value_at_stake", "people_touched", "spend", "owner", "is_clear"), ""
            ),
        )
    ]


_COLUMNS = (
    Column("name", N_("Failure or gap")),
    Column("owner", N_("Owner")),
    Column("people_touched", N_("Customers met"), "count"),
    *estimate_columns(N_("Judged"), "number"),
    Column("retained_share", N_("Bought again"), "share"),
    Column("matched_share", N_("Others like them"), "share"),
    Column("value_at_stake", N_("At stake"), "number"),
    Column("value_at_stake_lower", N_("At stake, 95 % from"), "number"),
    Column("value_at_stake_upper", N_("At stake, 95 % to"), "number"),
    Column("currency", N_("Currency")),
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
    customers, days = wording.count(row["people_touched"], "customer"), row["lapse_days"]
    owner = (
        _("{owner} answers for it", owner=one_line(row["owner"]))
        if row["owner"]
        else _("nobody is named to answer for it")
    )
    if row["value_at_stake"] is None:
        return _("{customers} of the last {days} days met it; {owner}.", customers=customers, days=days, owner=owner)
    money = f"{row['value_at_stake']:,.0f} {row['currency'] or ''}".strip()
    clear = "" if row["is_clear"] else _(" The interval holds 0: chance alone might show as much.")
    return _(
        "{customers} of the last {days} days met it; {money} of their spend goes with the difference to customers like "
        "them; {owner}.{clear}",
        customers=customers,
        days=days,
        money=money,
        owner=owner,
        clear=clear,
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
