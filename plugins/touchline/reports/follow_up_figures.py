"""What is done after a case, for the page on journeys: how it is closed, what is written down, the next contact."""

from functools import partial

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import (
    MONTHS_POOLED,
    Context,
    cells,
    dot,
    estimate_columns,
    latest,
    named,
    period_of,
    spread,
    total,
)
from touchline.reports.headlines import pooled_share
from touchline.reports.published import Row
from touchline.reports.statistics import share
from touchline.reports.words import N_, _

MART = "rpt_follow_up"
JUDGED = "next_judged"
"""Months count in which a next contact could be judged."""
STEPS = {
    "coded": (N_("Closed with a resolution code"), "closed"),
    "noted": (N_("Closed with a note"), "closed"),
    "refreshed": (N_("Customer's data updated"), "refresh_judged"),
    "viewed": (N_("Next contact: record looked at"), "next_contacts"),
    "not_asked_again": (N_("Next contact: not asked again"), "asking_known"),
}
NOT_RECORDED = {
    "coded": N_("resolution codes"),
    "noted": N_("notes on cases"),
    "refreshed": N_("preferences or changes of contacts soon after a close"),
    "viewed": N_("looks at the customer's record"),
    "not_asked_again": N_("whether callers were asked again"),
}

QUERIES = {
    "follow_up": """
        select * from rpt_follow_up order by brand, period_month, channel collate "C", issue_code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """Cases closed with code and note, over the latest months."""
    rows = latest(_totals(context, brand), JUDGED)
    if not rows or rows[-1]["documented"] is None:
        return []
    documented, closed = total(rows, "documented"), total(rows, "closed")
    return [
        pooled_share(
            context,
            MART,
            ("documented_share", "documented", "closed"),
            (documented, closed),
            label=_("Closed with code and note"),
            observed=_("cases"),
            sentence=_(
                "{documented:,} of {cases} bore a resolution code and an employee's note when they were closed "
                "({period}).",
                documented=documented,
                cases=wording.count(closed, "case"),
                period=period_of(rows),
            ),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """What no source of the brand tells about the time after a case."""
    rows = _totals(context, brand)
    if not rows:
        return [_("Nothing after a case: no closed case of this brand was delivered.")]
    asked = total(rows, "asking_known")
    silent = [
        _(text)
        for part, text in NOT_RECORDED.items()
        if rows[-1][part] is None or (part == "not_asked_again" and not asked)
    ]
    return [_("Not recorded after cases: {names}.", names=wording.listing(silent))] if silent else []


def figures(context: Context, brand: str) -> list[Figure]:
    """Step by step over the latest months, and by channel."""
    rows = latest([row for row in context.of("follow_up", brand) if row["issue_code"] == "all"], JUDGED)
    if not rows:
        return []
    overall = [row for row in rows if row["channel"] == "all"]
    steps = {part: _share(context, overall, part) for part in STEPS}
    points = [
        dot(f"{_(STEPS[part][0])}\nn = {one.n:,}", one) for part, one in steps.items() if one is not None and one.n
    ]
    first = rows[0]
    return [
        Figure(
            slug="after-a-case",
            title=_("What is done after a case?"),
            text=_(
                "Of the cases closed in {period}: share closed with code and with note; share whose contact had a "
                "preference or a change written down within {refresh_days} days. Of the next contacts, in another "
                "matter within {next_days} days: share in which the customer's record was looked at, and in which "
                "nothing was asked again. The table adds the channels the cases came in by.",
                period=period_of(rows),
                refresh_days=first["refresh_days"],
                next_days=first["next_days"],
            ),
            alt=_(
                "Dot chart of {steps}, {spread}.",
                steps=wording.count(len(points), "step"),
                spread=spread(one for one in steps.values() if one),
            ),
            draw=partial(charts.dots, points) if points else None,
            table=Table(
                (Column("step", _("Step")), Column("channel", _("Channel")), *estimate_columns(_("Cases"))),
                [
                    (_(label), named(channel), *cells(estimate))
                    for part, (label, _n) in STEPS.items()
                    for channel in _channels(rows)
                    if (estimate := _share(context, [row for row in rows if row["channel"] == channel], part))
                ],
            ),
            definition=Definition(
                MART,
                ("coded_share", "noted_share", "refreshed_share", "viewed_share", "not_asked_again_share"),
                MONTHS_POOLED,
            ),
        )
    ]


def _share(context: Context, rows: list[Row], part: str) -> Estimate | None:
    if all(row[part] is None for row in rows):
        return None
    return share(total(rows, part), total(rows, STEPS[part][1]), context.min_cell)


def _totals(context: Context, brand: str) -> list[Row]:
    return [row for row in context.of("follow_up", brand) if row["channel"] == row["issue_code"] == "all"]


def _channels(rows: list[Row]) -> list[str]:
    named = {row["channel"] for row in rows} - {"all"}
    return ["all", *sorted(named)]
