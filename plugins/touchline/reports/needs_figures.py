"""What customers need next, for the page on segments and preferences."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Figure, Headline, Table
from touchline.reports.context import Context, cells, dot, estimate_columns, estimate_of, one_line, spread
from touchline.reports.published import Row
from touchline.reports.words import _

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
    return [
        _(
            "No next needs: no source of this brand delivered products with categories, or too few purchases of "
            "known persons have a closed horizon."
        )
    ]


def headlines(context: Context, brand: str) -> list[Headline]:
    """The rule that tells most, if any tells more than chance."""
    rules = [row for row in context.of("next_needs", brand) if (row["lift_lower"] or 0) > 1]
    if not rules:
        return []
    best = rules[0]
    return [
        Headline(
            label=_("Next need foreseen"),
            metric=f"{RULES}.confidence",
            unit="share",
            estimate=estimate_of(best, "confidence", "occasions_with_antecedent"),
            observed=_("days of purchase"),
            sentence=_(
                "After {antecedent}, customers bought {consequent} within {horizon_days} days; {lift:.2f} times as "
                "often as after any purchase. The interval counts persons.",
                antecedent=_named(best["antecedent"]),
                consequent=_named(best["consequent"]),
                horizon_days=best["horizon_days"],
                lift=float(best["lift"]),
            ),
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
        dot(
            _("{name}\n{horizon_days} days, n = {n:,}", name=name, horizon_days=row["horizon_days"], n=estimate.n),
            estimate,
            "number",
        )
        for name, estimate, row in shown
    ]
    return Figure(
        slug="next-needs",
        title=_("What do customers need next?"),
        text=_(
            "How much commoner a category is after another than after any purchase (lift; 1 is no difference). Rules "
            "whose interval lies above 1 stand first; the table has all of them, for every horizon. Associations, not "
            "causes."
        ),
        alt=_(
            "Dot chart of the lift of {rules}, {spread} confidence.",
            rules=wording.count(len(points), "rule"),
            spread=spread(estimate_of(row, "confidence", "occasions_with_antecedent") for *_, row in shown),
        ),
        draw=partial(charts.dots, points, is_share=False),
        table=Table(
            (
                Column("rule", _("After → next")),
                Column("horizon_days", _("Within days"), "count"),
                *estimate_columns(_("Days of purchase")),
                Column("customers", _("Customers"), "count"),
                Column("occasions_followed", _("Followed"), "count"),
                Column("support", _("Support"), "share"),
                Column("consequent_support", _("Usual"), "share"),
                Column("lift", _("Lift"), "number"),
                Column("lift_lower", _("Lift from"), "number"),
                Column("lift_upper", _("Lift to"), "number"),
                Column("leverage", _("Leverage"), "number"),
                Column("conviction", _("Conviction"), "number"),
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
        title=_("For how many customers do we expect which need?"),
        text=_(
            "Customers who bought within the last {days} days, by the categories they are likeliest to buy next. Each "
            "customer's own are in {needs}.",
            days=days,
            needs=NEEDS,
        ),
        alt=_("List of {categories}.", categories=wording.count(len(rows), "category", "categories")),
        table=Table(
            (
                Column("category", _("Category")),
                Column("customers", _("Customers"), "count"),
                Column("likeliest", _("Likeliest of all"), "count"),
                Column("confidence", _("Mean confidence"), "share"),
            ),
            [(_named(row["category"]), row["customers"], row["likeliest"], float(row["confidence"])) for row in rows],
        ),
        definition=Definition(NEEDS, ("need_rank", "category", "confidence", "expected_until"), ""),
    )


def _rule(row: Row) -> str:
    return f"{_named(row['antecedent'])} → {_named(row['consequent'])}"


def _named(category: object) -> str:
    return one_line(category)
