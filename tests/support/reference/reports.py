"""Report marts, over the facts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from support.reference.people import first
from support.reference.staged import Row, Staged

MIN_CELL = 5
Z = 1.959963984540054


def ratio(part: float, whole: float) -> float | None:
    return None if whole < MIN_CELL else part / whole


def wilson(part: int, whole: int) -> tuple[float | None, float | None]:
    """Wilson 1927."""
    if whole < MIN_CELL:
        return None, None
    share, spread = part / whole, Z * Z / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * ((share * (1 - share) + spread / 4) / whole) ** 0.5 / (1 + spread)
    return middle - reach, middle + reach


def _with_interval(name: str, part: int, whole: int) -> Row:
    lower, upper = wilson(part, whole)
    return {name: ratio(part, whole), f"{name}_lower": lower, f"{name}_upper": upper}


def first_contact_resolution(touches: list[Row], calls: list[Row], staged: Staged) -> list[Row]:
    """Of first contacts (none of the person and issue in the week before), those without another in the week after."""
    week = timedelta(days=7)
    answers = {call["call_key"]: call["is_resolved"] for call in calls}
    strands, cells = defaultdict(list), defaultdict(list)
    for touch in touches:
        is_contact = touch["ref_type"] in ("call", "case") and touch["direction"] == "inbound" and touch["customer_id"]
        if is_contact and touch["issue_code"] and touch["occurred_at"] <= staged.as_of:
            strands[touch["customer_id"], touch["issue_code"]].append(
                (touch["occurred_at"], touch["touch_key"], max(touch["occurred_at"], touch["ended_at"]), touch)
            )
    for (_, issue), strand in strands.items():
        strand.sort(key=lambda item: item[:2])
        for number, (began, _key, ended, touch) in enumerate(strand):
            if any(before[2] + week >= began for before in strand[:number]):
                continue
            later = [item for item in strand if ended < item[0] <= ended + week]
            resolved = answers.get(touch["ref_key"]) if touch["ref_type"] == "call" else None
            other = [item for item in later if item[3]["channel"] == touch["channel"]]
            verdict = (ended + week <= staged.as_of, not later, not other, resolved)
            month = touch["business_date"].replace(day=1)
            for channel in (touch["channel"], "all"):
                for code in (issue, "all"):
                    cells[month, channel, code].append(verdict)
    found = []
    for (month, channel, code), verdicts in cells.items():
        closed = [verdict for verdict in verdicts if verdict[0]]
        quiet, own_quiet = sum(v[1] for v in closed), sum(v[2] for v in closed)
        known = [verdict[3] for verdict in verdicts if verdict[3] is not None]
        found.append(
            {"brand": staged.brand, "period_month": month, "channel": channel, "issue_code": code, "window_days": 7}
            | {"first_contacts": len(verdicts), "closed_windows": len(closed), "without_return": quiet}
            | {"without_same_channel_return": own_quiet, "channel_leakage": own_quiet - quiet}
            | {"confirmations_known": len(known), "confirmed_resolved": sum(known)}
            | _with_interval("first_contact_resolution", quiet, len(closed))
            | {"same_channel_resolution": ratio(own_quiet, len(closed))}
            | {"channel_leakage_share": ratio(own_quiet - quiet, len(closed))}
            | {"confirmed_resolution": ratio(sum(known), len(known))}
        )
    return found


def contact_center_days(calls: list[Row], staged: Staged) -> list[Row]:
    """Inbound contacts that began by as_of, by source, queue, channel and local day."""
    cells = defaultdict(list)
    for call in calls:
        if call["direction"] == "inbound" and call["initiated_at"] <= staged.as_of:
            cells[call["source"], call["queue_id"], call["channel"], call["business_date"]].append(call)
    found = []
    for (source, queue, channel, day), run in cells.items():
        answered = [call for call in run if call["is_answered"]]
        queued = [call for call in run if call["is_abandoned"] and call["abandonment_stage"] == "queue"]
        handled = [call for call in answered if call["interaction_seconds"] is not None]
        gone, brief = sum(call["is_abandoned"] for call in run), sum(call["is_short_abandonment"] for call in queued)
        soon = sum(call["queue_seconds"] <= 20 for call in answered)
        left_soon = sum(call["queue_seconds"] <= 20 for call in queued)
        offered = len(answered) + len(queued)
        wait = sum(call["queue_seconds"] for call in answered)
        talk, hold, work = (
            sum(call[name] for call in handled)
            for name in ("interaction_seconds", "hold_seconds", "after_contact_work_seconds")
        )
        found.append(
            {"brand": staged.brand, "source": source, "queue_id": queue, "channel": channel, "business_date": day}
            | {
                "is_complete": day < staged.as_of_date,
                "contacts": len(run),
                "offered": offered,
                "answered": len(answered),
            }
            | {"answered_within_threshold": soon, "abandoned_calls": gone, "abandoned_in_queue": len(queued)}
            | {"abandoned_in_self_service": gone - len(queued), "abandoned_within_threshold": left_soon}
            | {"short_abandoned": brief, "answered_queue_seconds": wait, "handled": len(handled)}
            | {"interaction_seconds": talk, "hold_seconds": hold, "after_contact_work_seconds": work}
            | {"handle_seconds": talk + hold + work}
            | {"service_level_handled_of_offered": ratio(soon + left_soon, offered)}
            | {"service_level_answered_of_answered": ratio(soon, len(answered))}
            | {"service_level_answered_of_offered": ratio(soon, offered)}
            | {"service_level_late_abandoned_counted": ratio(soon, offered - left_soon)}
            | {"service_level_short_abandoned_as_served": ratio(soon + brief, offered)}
            | {"service_level_short_abandoned_excluded": ratio(soon, offered - brief)}
            | {"service_level_formula": "late_abandoned_counted"}
            | _with_interval("service_level", soon, offered - left_soon)
            | {"average_speed_of_answer_seconds": ratio(wait, len(answered))}
            | {"average_handle_seconds": ratio(talk + hold + work, len(handled))}
            | _with_interval("abandonment_share", len(queued), offered)
            | {"late_abandonment_share": ratio(len(queued) - brief, offered - brief)}
            | {"service_level_threshold_seconds": 20, "short_abandonment_seconds": 5}
        )
    return found


def purchases(sales: Iterable[Row], staged: Staged) -> list[Row]:
    """Completed sales of known people by as_of, returns apart."""
    return [
        sale
        for sale in sales
        if sale["customer_id"] and sale["status"] == "completed" and not sale["is_return"]
        if sale["closed_at"] <= staged.as_of
    ]


def _months(later: Any, earlier: Any) -> int:
    return int((later.year - earlier.year) * 12 + later.month - earlier.month)


def retention_cohorts(sales: list[Row], staged: Staged) -> list[Row]:
    """Of the people who first bought in a month, those who bought again so many months later; an open month is null."""
    bought = defaultdict(list)
    for sale in purchases(sales, staged):
        bought[sale["customer_id"]].append(sale["business_date"].replace(day=1))
    cohorts = defaultdict(list)
    for months in bought.values():
        cohorts[min(months)].append(months)
    found = []
    for cohort, members in cohorts.items():
        for offset in range(_months(staged.as_of_date, cohort) + 1):
            is_closed = offset < _months(staged.as_of_date, cohort)
            active = [m for months in members for m in set(months) if _months(m, cohort) == offset]
            count = sum(_months(m, cohort) == offset for months in members for m in months)
            found.append(
                {"brand": staged.brand, "cohort_month": cohort, "month_offset": offset, "is_month_closed": is_closed}
                | {"is_burn_in": _months(cohort, min(cohorts)) < 3, "cohort_size": len(members), "burn_in_months": 3}
                | {"active_customers": len(active) if is_closed else None, "purchases": count if is_closed else None}
                | (
                    _with_interval("retention", len(active), len(members))
                    if is_closed
                    else dict.fromkeys(("retention", "retention_lower", "retention_upper"))
                )
            )
    return found


STEPS = (
    ("detected_at", "acknowledged_at", "detection_to_acknowledgement"),
    ("voiced_at", "acknowledged_at", "voice_to_acknowledgement"),
    ("acknowledged_at", "apologised_at", "acknowledgement_to_apology"),
    ("apologised_at", "decided_at", "apology_to_decision"),
    ("decided_at", "completed_at", "decision_to_completion"),
    ("detected_at", "completed_at", "detection_to_completion"),
)


def _percentile(values: list[float], share: float) -> float | None:
    """Linear interpolation between order statistics; null below five."""
    if len(values) < MIN_CELL:
        return None
    values, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)


def recovery(mishaps: list[Row], staged: Staged) -> list[Row]:
    """By month, type and severity, with totals: how far mishaps came on the way to recovery."""
    cells = defaultdict(list)
    for row in mishaps:
        month, kind = row["day"].strftime("%Y-%m"), row["failure_type"]
        level = "unknown" if row["severity"] is None else str(row["severity"])
        for cell in ((month, kind, level), (month, kind, "all"), (month, "all", "all"), ("all", kind, "all")):
            cells[cell].append(row)
        cells["all", "all", "all"].append(row)
    found = []
    for (period, kind, level), run in cells.items():
        done = [row for row in run if row["completed_at"]]
        same_day = sum(row["completed_day"] == row["day"] for row in done)
        outcomes = [row["outcome"] for row in done if row["outcome"]]
        voiced, accepted = sum(bool(row["is_voiced"]) for row in run), outcomes.count("accepted")
        counts: Row = {
            f"{name}": sum(row[f"{name}_at"] is not None for row in run)
            for name in ("acknowledged", "apologised", "decided")
        }
        for start, end, name in STEPS:
            took = [
                (r[end] - r[start]).total_seconds() / 3600 for r in run if r[start] and r[end] and r[end] >= r[start]
            ]
            counts |= {f"{name}_median_hours": _percentile(took, 0.5), f"{name}_p90_hours": _percentile(took, 0.9)}
        found.append(
            {"brand": staged.brand, "period": period, "failure_type": kind, "severity": level, "detected": len(run)}
            | counts
            | {"voiced": voiced, "under_recovery": sum(row["has_recovery"] for row in run), "completed": len(done)}
            | {"unrecovered": len(run) - len(done), "completed_same_day": same_day}
            | {"outcomes_known": len(outcomes), "outcomes_accepted": accepted}
            | _with_interval("voiced_share", voiced, len(run))
            | _with_interval("recovery_rate", len(done), len(run))
            | _with_interval("same_day_share", same_day, len(run))
            | _with_interval("accepted_share", accepted, len(outcomes))
        )
    return found


def latest(rows: list[Row], at: str, key: str) -> Row:
    return max(rows, key=lambda row: (row[at], row[key]), default={})


def first_of(rows: list[Row], name: str) -> Any:
    return first(row[name] for row in rows)
