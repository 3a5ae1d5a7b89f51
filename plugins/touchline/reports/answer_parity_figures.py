"""Answers by channel, for the page on consistency: asked the same, does every channel answer the same?"""

from collections import defaultdict
from functools import partial
from typing import Any

from touchline.reports import charts, wording
from touchline.reports.content import Column, Definition, Estimate, Figure, Headline, Table
from touchline.reports.context import Context, one_line
from touchline.reports.published import Row
from touchline.reports.words import N_, _

PARITY, SHARES = "rpt_answer_parity", "rpt_answer_shares"
TESTED = N_(
    "Whether the channels differ at all is tested by relabelling cases at random: p is the share of relabellings "
    "that look as different as the data."
)

QUERIES = {
    "answer_parity": """
        select * from rpt_answer_parity where period = 'all'
        order by brand, consistency nulls last, issue_code collate "C"
    """,
    "answer_shares": """
        select * from rpt_answer_shares where period = 'all'
        order by brand, issue_code collate "C", channel collate "C", resolution_code collate "C"
    """,
}


def headlines(context: Context, brand: str) -> list[Headline]:
    """The issue on which channels answer least alike."""
    rows = _compared(context, brand)
    if not rows:
        return []
    row = rows[0]
    return [
        Headline(
            label=_("Same answer in every channel, least so: {issue_code}", issue_code=one_line(row["issue_code"])),
            metric=f"{PARITY}.consistency",
            unit="index",
            estimate=Estimate(float(row["consistency"]), None, None, int(row["compared_cases"])),
            observed=_("compared cases"),
            sentence=_(
                "{channel_count} channels with {fewest_channel_cases:,} closed cases or more each; least alike of "
                "{issues} that can be compared.",
                channel_count=row["channel_count"],
                fewest_channel_cases=row["fewest_channel_cases"],
                issues=wording.count(len(rows), "issue"),
            ),
            definition=Definition(PARITY, ("consistency", "permutation_p_value", "min_channel_cases"), TESTED),
            uncertainty=_(
                "p = {permutation_p_value:.3f} over {permutations:,} relabellings",
                permutation_p_value=row["permutation_p_value"],
                permutations=row["permutations"],
            ),
        )
    ]


def missing(context: Context, brand: str) -> list[str]:
    """Why no answers are compared."""
    rows = context.of("answer_parity", brand)
    if not rows:
        return [_("No answers by channel: no closed case of this brand was delivered.")]
    if not any(row["coded_cases"] for row in rows):
        return [_("No answers by channel: no case of this brand bears a resolution code.")]
    if not _compared(context, brand):
        needed = rows[0]["min_channel_cases"]
        return [_("No answers by channel: on no issue do two channels have {needed} coded cases.", needed=needed)]
    return []


def figures(context: Context, brand: str) -> list[Figure]:
    """Issues by how alike they are answered, and the answers to the least alike one."""
    rows = _compared(context, brand)
    return [_issues(rows, context.of("answer_parity", brand)), _answers(context, brand, rows[0])] if rows else []


def _compared(context: Context, brand: str) -> list[Row]:
    return [row for row in context.of("answer_parity", brand) if row["consistency"] is not None]


def _issues(compared: list[Row], every: list[Row]) -> Figure:
    points = [
        {
            "label": f"{one_line(row['issue_code'])}\n"
            f"n = {row['compared_cases']:,}, p = {row['permutation_p_value']:.3f}",
            "value": float(row["consistency"]),
            "lower": None,
            "upper": None,
            "text": f"{row['consistency']:.2f}",
        }
        for row in compared
    ]
    return Figure(
        slug="answer-parity",
        title=_("Asked the same, does every channel answer the same?"),
        text=_(
            "How alike the resolution codes of closed cases spread over the channels they came in by, issue by issue, "
            "the bias of small samples removed: 1 is one and the same mix of answers. No interval; p tells whether "
            "chance would do. Channels may answer otherwise because their customers are others."
        ),
        alt=_("Bar chart of the consistency of answers on {issues}.", issues=wording.count(len(points), "issue")),
        draw=partial(charts.dots, points, is_share=False, has_bars=True),
        table=Table(_ISSUE_COLUMNS, [tuple(row[column.name] for column in _ISSUE_COLUMNS) for row in every]),
        definition=Definition(PARITY, ("consistency", "raw_consistency", "permutation_p_value", "coded_share"), TESTED),
    )


def _answers(context: Context, brand: str, issue: Row) -> Figure:
    every = context.of("answer_shares", brand)
    rows = [row for row in every if row["issue_code"] == issue["issue_code"] and row["is_compared"]]
    return Figure(
        slug="answers",
        title=_("Which answer does each channel give? ({issue_code})", issue_code=one_line(issue["issue_code"])),
        text=_(
            "Share of resolution codes among the closed cases of each channel, on the issue answered least alike. The "
            "crossbar on each bar is the mean share of these channels. The table holds every issue."
        ),
        alt=_("Histograms of answers in {names}.", names=wording.listing(sorted({row["channel"] for row in rows}))),
        draw=partial(charts.histograms, _panels(rows), x_title=_("Resolution code")),
        table=Table(_ANSWER_COLUMNS, [tuple(row[column.name] for column in _ANSWER_COLUMNS) for row in every]),
        definition=Definition(SHARES, ("share", "cases", "channel_cases"), _("The interval is Wilson's.")),
    )


def _panels(rows: list[Row]) -> list[dict[str, Any]]:
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    cases = {row["channel"]: row["channel_cases"] for row in rows}
    for row in rows:
        shares[row["channel"]][row["resolution_code"]] = row["cases"] / row["channel_cases"]
    return [
        {
            "panel": f"{one_line(channel)} (n = {cases[channel]:,})",
            "order": order,
            "x": one_line(code),
            "value": own.get(code, 0.0),
            "pooled": sum(other.get(code, 0.0) for other in shares.values()) / len(shares),
        }
        for order, (channel, own) in enumerate(shares.items())
        for code in sorted({row["resolution_code"] for row in rows})
    ]


_ISSUE_COLUMNS = (
    Column("issue_code", N_("Issue")),
    Column("consistency", N_("Consistency"), "number"),
    Column("raw_consistency", N_("Raw"), "number"),
    Column("permutation_p_value", "p", "number"),
    Column("channel_count", N_("Channels"), "count"),
    Column("compared_cases", N_("Compared cases"), "count"),
    Column("closed_cases", N_("Closed cases"), "count"),
    Column("coded_share", N_("With a code"), "share"),
)
_ANSWER_COLUMNS = (
    Column("issue_code", N_("Issue")),
    Column("channel", N_("Channel")),
    Column("resolution_code", N_("Answer")),
    Column("share", N_("Share"), "share"),
    Column("share_lower", N_("95 % from"), "share"),
    Column("share_upper", N_("95 % to"), "share"),
    Column("cases", N_("Cases"), "count"),
    Column("channel_cases", N_("Of"), "count"),
)
