"""Figures of the marts whose parameter the generator planted: where their intervals stand, and what they should hold.

Left out is what persons split by the exports would move (returns within seven days, the share of who came back).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Truth = dict[str, Any]
ALL = "period = 'all' and segment_code = 'all'"
BANDS = {"1": "1", "3": "2-3", "5": "4-6", "8": "7+"}
"""Messages a month, and the band of the mart they fall into."""
EVERYWHERE = "period = 'all' and failure_type = 'all'"


@dataclass(frozen=True)
class Figure:
    """A figure, its intervals (`brand`, `code`, `lower`, `upper`) and, by code, the parameter of a world's truth."""

    name: str
    kind: str
    sql: str
    planted: Callable[[Truth], dict[str, float]]
    is_effect: bool = False
    """Whether 0 says that there is none."""


def interval(mart: str, column: str, code: str = "'all'", where: str = "true") -> str:
    """The query of a figure's intervals, one a row of the mart; unpublished ones are none."""
    return (
        f"select brand, {code} as code, {column}_lower::float as lower, {column}_upper::float as upper"
        f" from {mart} where {column}_lower is not null and {where}"
    )


def scores(name: str) -> Callable[[Truth], list[float]]:
    return lambda truth: truth["surveys"]["planted"][name]


def shares_of_channels(best: int) -> Callable[[Truth], dict[str, float]]:
    """P(one of the `best` highest scores) by channel."""
    return lambda truth: {
        channel: sum(truth["surveys"]["planted"][channel][-best:]) for channel in ("store", "phone", "web")
    }


def effort(truth: Truth) -> dict[str, float]:
    planted = truth["surveys"]["planted"]["ces"]
    return {"all": sum(score * share for score, share in enumerate(planted, start=1))}


def net_easy(truth: Truth) -> dict[str, float]:
    planted = truth["surveys"]["planted"]["ces"]
    return {"all": 100 * (sum(planted[5:]) - sum(planted[:3]))}


def net_promoters(truth: Truth) -> dict[str, float]:
    planted = truth["surveys"]["planted"]["nps"]
    return {"all": 100 * (sum(planted[9:]) - sum(planted[:7]))}


def accepted(truth: Truth) -> dict[str, float]:
    """Of those who make good alone and of those who hand over, each as often as it was planted."""
    planted, first = truth["recovery"]["planted_acceptance"], truth["recovery"]["planted_first_share"]
    return {"all": first * planted["first_employee"] + (1 - first) * planted["handed_over"]}


def gaps(truth: Truth) -> dict[str, float]:
    planted = truth["expectations"]["planted"]
    return {dimension: plan["perceived"] - plan["expected"] for dimension, plan in planted.items()}


def weighted_gap(truth: Truth) -> dict[str, float]:
    planted, own = truth["expectations"]["planted"], gaps(truth)
    weights = {dimension: plan["weight"] for dimension, plan in planted.items()}
    return {"all": sum(weights[name] * own[name] for name in own) / sum(weights.values())}


def left_after_return(truth: Truth) -> dict[str, float]:
    """By how much fewer of this world's people came back than would have; nothing else makes anybody leave."""
    counts = truth["defection"]["realised"]
    effect = (counts["came_back"] - counts["would_have_come_back"]) / counts["touched"]
    return {"return": effect, "complaint": 0.0, "abandonment": 0.0}


def unplanted_links(truth: Truth) -> dict[str, float]:
    """Coefficients of links behind which there is nothing: the mood of employees foretells quality where planted."""
    links = dict.fromkeys(("quality", "satisfaction", "loyalty"), 0.0)
    return links if truth["profit_chain"]["planted"]["employee_to_quality"] else links | {"employee": 0.0}


def only(value: Callable[[Truth], float]) -> Callable[[Truth], dict[str, float]]:
    return lambda truth: {"all": value(truth)}


FIGURES = (
    Figure(
        "very satisfied",
        "share",
        interval("rpt_top_box", "top_box_share", "channel", ALL),
        shares_of_channels(1),
    ),
    Figure(
        "satisfied",
        "share",
        interval("rpt_top_box", "satisfied_share", "channel", ALL),
        shares_of_channels(2),
    ),
    Figure(
        "promises kept",
        "share",
        interval("rpt_promises", "kept_share", "promise_type", "made_by = 'all'"),
        lambda truth: truth["promises"]["planted"],
    ),
    Figure(
        "quoted waits kept",
        "share",
        interval("rpt_waiting", "quote_kept_share", where="queue_id = 'all'"),
        only(lambda truth: truth["waiting"]["planted"]["quote_kept"]),
    ),
    Figure(
        "callbacks kept",
        "share",
        interval("rpt_waiting", "callback_kept_share", where="queue_id = 'all'"),
        only(lambda truth: truth["waiting"]["planted"]["callback_kept"]),
    ),
    Figure(
        "recoveries accepted",
        "share",
        interval("rpt_recovery", "accepted_share", where=f"{EVERYWHERE} and severity = 'all'"),
        accepted,
    ),
    Figure(
        "recovered by the first employee",
        "share",
        interval("rpt_empowerment", "first_share", where=EVERYWHERE),
        only(lambda truth: truth["recovery"]["planted_first_share"]),
    ),
    Figure(
        "apologies before the fix",
        "share",
        interval("rpt_complaint_handling", "apology_before_fix_share", where="channel = 'all'"),
        only(lambda truth: truth["complaints"]["planted"]["apology"]),
    ),
    Figure(
        "suggestions adopted",
        "share",
        interval("rpt_participation", "adopted_share", where="segment_code = 'all'"),
        only(lambda truth: truth["participation"]["planted"]["adopted"]),
    ),
    Figure(
        "refusals by pressure",
        "share",
        interval("rpt_contact_pressure", "opt_out_share", "pressure_band", "period = 'all'"),
        lambda truth: {BANDS[level]: share for level, share in truth["contact_pressure"]["planted"].items()},
    ),
    Figure(
        "cases with a note",
        "share",
        interval("rpt_follow_up", "noted_share", where="channel = 'all' and issue_code = 'all'"),
        only(lambda truth: truth["follow_up"]["planted"]["noted"]),
    ),
    Figure(
        "effort score",
        "mean",
        interval("rpt_effort_scores", "effort_score_mean", where=f"channel = 'all' and {ALL}"),
        effort,
    ),
    Figure("gap by dimension", "mean", interval("rpt_service_gaps", "customer_gap", "dimension"), gaps),
    Figure(
        "weighted gap",
        "mean",
        interval("rpt_service_gaps", "weighted_gap", where="dimension = 'all'"),
        weighted_gap,
    ),
    Figure(
        "net promoter score",
        "difference",
        interval("rpt_word_of_mouth", "net_promoter_score", where=f"channel = 'all' and {ALL}"),
        net_promoters,
    ),
    Figure(
        "net easy score",
        "difference",
        interval("rpt_effort_scores", "net_easy_score", where=f"channel = 'all' and {ALL}"),
        net_easy,
    ),
    Figure(
        "abandonment, told less untold",
        "difference",
        interval("rpt_waiting", "abandonment_difference", where="queue_id = 'all'"),
        only(lambda _: 0.0),
        is_effect=True,
    ),
    Figure(
        "retention after a return",
        "effect",
        interval("rpt_priorities", "retention_difference", "code", "code = 'return'"),
        left_after_return,
        is_effect=True,
    ),
    Figure(
        "retention after a complaint or an abandonment",
        "effect",
        interval("rpt_priorities", "retention_difference", "code", "code <> 'return'"),
        left_after_return,
        is_effect=True,
    ),
    # visits of executives lift farewells in the weeks before, at stores compared with
    Figure(
        "what peers take up from a role model",
        "effect",
        interval("rpt_role_models", "effect", "standard_code", "standard_code <> 'FAREWELL'"),
        lambda truth: truth["recognitions"]["planted"],
        is_effect=True,
    ),
    Figure(
        "service profit chain, links without effect",
        "effect",
        interval("rpt_service_profit_chain", "coefficient", "from_measure"),
        unplanted_links,
        is_effect=True,
    ),
)
