"""What customers need next, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row

RULES, NEEDS = "rpt_next_need", "rpt_customer_next_needs"
SHOWN = 10
MEASURES = ("support", "consequent_support", "lift", "lift_lower", "lift_upper", "leverage", "conviction")

QUERIES = {
    "next_needs": """
        select * from rpt_next_need where confidence is not null
        order by brand, coalesce(lift_lower > 1, false) desc, lift desc, horizon_days, antecedent collate "C",
            consequent collate "C"
    """,
    "needs_told": """
        select brand, category, count(*) as customers, count(*) filter (where need_rank = 1) as likeliest,
            avg(confidence) as confidence, max(horizon_days) as horizon_days
        from rpt_customer_next_needs group by brand, category order by brand, likeliest desc, category collate "C"
    """,
}


def missing(context: Context, brand: str) -> list[str]:
    """Why there is no rule."""
    if context.of("next_needs", brand):
        return []
    words = "No next needs: no source of this brand delivered products with categories, or too few purchases of known"
    return [f"{words} persons have a closed horizon."]


def headlines(context: Context, brand: str) -> list[Headline]:
    """The rule that tells most, if any tells more than chance."""
    rules = [row for row in context.of("next_needs", brand) if (row["lift_lower"] or 0) > 1]
    if not rules:
        return []
    best = rules[0]
    return [
        Headline(
            label="Next need foreseen",
            metric=f"{RULES}.confidence",
            unit="share",
            estimate=estimate_of(best, "confidence", "occasions_with_antecedent"),
            observed="days of purchase",
            sentence=f"After {_named(best['antecedent'])}, customers bought {_named(best['consequent'])} within "
            f"{best['horizon_days']} days; {float(best['lift']):.2f} times as often as after any purchase. "
            "The interval counts persons.",
            definition=Definition(RULES, ("confidence", "lift", "occasions_with_antecedent", "customers"), ""),
        )
    ]


def figures(context: Context, brand: str) -> list[Figure]:
    """The rules, and what is expected of customers."""
    found: list[Figure] = []
    if rules := context.of("next_needs", brand):
        found.append(_rules(rules))
    if told := context.of("needs_told", brand):
        found.append(_told(told))
    return found


def _rules(rows: list[Row]) -> Figure:
    shown = [(_rule(row), estimate_of(row, "lift", "occasions_with_antecedent"), row) for row in rows[:SHOWN]]
    points = [
        dot(f"{name}\n{row['horizon_days']} days, n = {estimate.n:,}", estimate, "number")
        for name, estimate, row in shown
    ]
    return Figure(
        slug="next-needs",
        title="What do customers need next?",
        text="How much commoner a category is after another than after any purchase (lift; 1 is no difference). Rules "
        "whose interval lies above 1 stand first; the table has all of them, for every horizon. Associations, not "
        "causes.",
        alt=f"Dot chart of the lift of {wording.count(len(points), 'rule')}, "
        f"{spread(estimate_of(row, 'confidence', 'occasions_with_antecedent') for *_, row in shown)} confidence.",
        draw=partial(charts.dots, points, is_share=False),
        table=Table(
            (
                Column("rule", "After → next"),
                Column("horizon_days", "Within days", "count"),
                *estimate_columns("Days of purchase"),
                Column("customers", "Customers", "count"),
                Column("occasions_followed", "Followed", "count"),
                Column("support", "Support", "share"),
                Column("consequent_support", "Usual", "share"),
                Column("lift", "Lift", "number"),
                Column("lift_lower", "Lift from", "number"),
                Column("lift_upper", "Lift to", "number"),
                Column("leverage", "Leverage", "number"),
                Column("conviction", "Conviction", "number"),
            ),
            [
                (
                    _rule(row),
                    row["horizon_days"],
                    *cells(estimate_of(row, "confidence", "occasions_with_antecedent")),
                    row["customers"],
                    row["occasions_followed"],
                    *(None if row[name] is None else float(row[name]) for name in MEASURES),
                )
                for row in rows
            ],
        ),
        definition=Definition(RULES, ("confidence", *MEASURES, "customers"), ""),
    )


def _told(rows: list[Row]) -> Figure:
    days = rows[0]["horizon_days"]
    return Figure(
        slug="needs-told",
        title="For how many customers do we expect which need?",
        text=f"Customers who bought within the last {days} days, by the categories they are likeliest to buy next. "
        f"Each customer's own are in {NEEDS}.",
        alt=f"List of {wording.count(len(rows), 'category', 'categories')}.",
        table=Table(
            (
                Column("category", "Category"),
                Column("customers", "Customers", "count"),
                Column("likeliest", "Likeliest of all", "count"),
                Column("confidence", "Mean confidence", "share"),
            ),
            [(_named(row["category"]), row["customers"], row["likeliest"], float(row["confidence"])) for row in rows],
        ),
        definition=Definition(NEEDS, ("need_rank", "category", "confidence", "expected_until"), ""),
    )


def _rule(row: Row) -> str:
    return f"{_named(row['antecedent'])} → {_named(row['consequent'])}"


def _named(category: object) -> str:
    return one_line(category)
