"""The company's own records: its employees over time and the standards it has set itself."""

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance
from touchline.synthetic.recoveries import SUPERVISOR
from touchline.synthetic.render import Row, day, flag, instant, money
from touchline.synthetic.voice import agent_employee

LIMIT_CENTS = {"clerk": 2_000, "agent": 2_500, "manager": 20_000, "supervisor": 30_000, "executive": None}

Standard = tuple[str, str, str, str, str, str, str, str, str, int, str]
# code, dimension, touchpoint, channel, metric, aggregation, operator, target, unit, fewest a day, rung
STANDARDS: tuple[Standard, ...] = (
    (
        "ANSWER",
        "responsiveness",
        "service_call",
        "phone",
        "answered_within_threshold",
        "share_within",
        ">=",
        "0.60",
        "share",
        5,
        "basic",
    ),
    (
        "REPLY",
        "responsiveness",
        "complaint",
        "",
        "first_response_within_4_hours",
        "share_within",
        ">=",
        "0.75",
        "share",
        1,
        "basic",
    ),
    (
        "SOLVE",
        "assurance",
        "complaint",
        "",
        "resolution_seconds_p90",
        "percentile",
        "<=",
        "259200",
        "seconds",
        1,
        "standard",
    ),
    (
        "DELIVER",
        "reliability",
        "web_purchase",
        "web",
        "delivered_on_time",
        "share_within",
        ">=",
        "0.90",
        "share",
        5,
        "standard",
    ),
    ("WORD", "reliability", "complaint", "", "promise_kept", "share_within", ">=", "0.85", "share", 1, "standard"),
    ("DELIGHT", "empathy", "service_call", "phone", "csat_score", "mean", ">=", "3.2", "points", 1, "standard"),
    *(
        (code, dimension, "store_purchase", "store", metric, "share_within", ">=", "0.6", "share", 3, rung)
        for code, dimension, metric, rung in (
            ("GREET", "assurance", "greeting_observed", "basic"),
            ("NAME", "empathy", "name_observed", "standard"),
            ("FAREWELL", "empathy", "farewell_observed", "high"),
        )
    ),
)
RAISED = {"ANSWER": "0.70"}
SEGMENT_PROMISES_KEPT = {"premium": 0.97, "value": 0.75}
"""The share of promises that standards of their own demand for some segments: all get about 0.89 of theirs kept."""


def employee_rows(rng: np.random.Generator, window: world.Window) -> list[Row]:
    """Return the states of all who serve, sell or lead; a promotion begins a second state."""
    staff = [
        (f"E-{store.location_id}-{number}", store.location_id, "manager" if number == 1 else "clerk")
        for store in world.STORES
        for number in range(1, world.EMPLOYEES_PER_STORE + 1)
    ]
    staff += [(agent_employee(agent), "", "agent") for agent in range(1, world.AGENTS + 1)]
    staff += [(SUPERVISOR, "", "supervisor")]
    staff += [(f"E-HQ-{number}", "", "executive") for number in range(1, world.EXECUTIVES + 1)]
    rows: list[Row] = []
    for employee_id, location_id, role in staff:
        hired = window.start - between(rng, 30, 2_000) * world.DAY
        rows.append(_state(employee_id, location_id, role, hired, hired) | {"source_updated_at": instant(window.start)})
        if role in ("clerk", "agent") and chance(rng, world.PROMOTED_SHARE):
            promoted = window.start + between(rng, 1, window.days - 1) * world.DAY
            rows.append(_state(employee_id, location_id, role, hired, promoted, rise=2))
    return rows


def _state(employee_id: str, location_id: str, role: str, hired: int, valid_from: int, rise: int = 1) -> Row:
    limit = LIMIT_CENTS[role]
    return {
        "employee_id": employee_id,
        "valid_from": day(valid_from),
        "location_id": location_id,
        "role": role if rise == 1 else f"senior_{role}",
        "hired_on": day(hired),
        "empowerment_limit": money(limit * rise) if limit else "",
        "currency": world.CURRENCY if limit else "",
        "is_executive": flag(role == "executive"),
        "source_updated_at": instant(valid_from),
        "is_deleted": flag(False),
    }


def standard_rows(window: world.Window) -> list[Row]:
    """Return the standards; a target raised half way begins a second period."""
    half = window.start + window.days // 2 * world.DAY
    rows: list[Row] = []
    for standard in STANDARDS:
        rows.append(_standard(standard, window.start))
        if standard[0] in RAISED:
            rows.append(_standard(standard, half) | {"target": RAISED[standard[0]]})
    return rows + [_segment_standard(segment, window) for segment in SEGMENT_PROMISES_KEPT]


def _segment_standard(segment: str, window: world.Window) -> Row:
    """What is written for the customers of one segment alone; whoever keeps promises does not look at it."""
    target = f"{SEGMENT_PROMISES_KEPT[segment]:.2f}"
    aim = ("promise_kept", "share_within", ">=", target, "share", 1, "high")
    code = f"WORD-{segment.upper()}"
    return _standard((code, "reliability", "web_purchase", "", *aim), window.start) | {"segment_code": segment}


def _standard(standard: Standard, valid_from: int) -> Row:
    names = (
        "standard_code dimension touchpoint_code channel metric_code aggregation operator target target_uom min_n "
        "service_level"
    )
    return dict(zip(names.split(), map(str, standard), strict=True)) | {
        "valid_from": day(valid_from),
        "owner_employee_id": SUPERVISOR,
        "source_updated_at": instant(valid_from),
        "is_deleted": flag(False),
    }
