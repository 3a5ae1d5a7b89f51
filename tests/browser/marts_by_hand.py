"""Rows small enough to add up by hand: one brand with everything, one that is silent, one with a hostile name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

Rows = list[dict[str, Any]]

FULL, QUIET, HOSTILE_BRAND = "northwind", "quiet", 'Ev<il> & "Co" \'; drop'
HOSTILE_QUEUE = "</svg><script>window.broken = 1</script>{{ 7 * 7 }}\n\"';"
HOSTILE_ISSUE = "=cmd|' /c calc'!A0"
HOSTILE_CHANNEL = "<img src=x onerror=window.broken=2>"
AS_OF = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
EARLIER = date(2026, 5, 10)
"""Before the days that headlines are of."""
DAYS = [date(2026, 6, 1) + timedelta(days=number) for number in range(20)]

# Answered, within 20 s, abandoned, of these within 20 s; seconds in queue and of handling.
BILLING = {"answered": 47, "fast": 40, "abandoned": 3, "early": 1, "queued": 470, "handling": 14100}
OTHER = {"answered": 15, "fast": 9, "abandoned": 5, "early": 0, "queued": 600, "handling": 6000}


def contact_days() -> Rows:
    """20 complete days, every second one with double counts, one that is not over, and one of billing in May."""
    rows = [_day("billing", EARLIER, BILLING, times=1, is_complete=True)]
    for queue, parts in (("billing", BILLING), (HOSTILE_QUEUE, OTHER)):
        for number, day in enumerate(DAYS):
            rows.append(_day(queue, day, parts, times=1 + number % 2, is_complete=True))
        rows.append(_day(queue, date(2026, 6, 21), parts, times=100, is_complete=False))
    return rows


def _day(queue: str, day: date, parts: Mapping[str, int], times: int, is_complete: bool) -> dict[str, Any]:
    offered = parts["answered"] + parts["abandoned"]
    return {
        "brand": FULL,
        "source": "voice",
        "queue_id": queue,
        "channel": "phone",
        "business_date": day,
        "is_complete": is_complete,
        "contacts": times * offered,
        "offered": times * offered,
        "answered": times * parts["answered"],
        "answered_within_threshold": times * parts["fast"],
        "abandoned_in_queue": times * parts["abandoned"],
        "abandoned_within_threshold": times * parts["early"],
        "short_abandoned": 0,
        "answered_queue_seconds": times * parts["queued"],
        "handled": times * parts["answered"],
        "handle_seconds": times * parts["handling"],
        "service_level_formula": "late_abandoned_counted",
        "service_level_threshold_seconds": 20,
    }


def intervals() -> Rows:
    """40 contacts at 09:00 UTC and 10 at 14:30 on each complete day."""
    starts = [(day, hour, minute, n) for day in DAYS for hour, minute, n in ((9, 0, 40), (14, 30, 10))]
    return [
        {
            "brand": FULL,
            "source": "voice",
            "queue_id": "billing",
            "channel": "phone",
            "interval_start_at": datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC),
            "is_complete": True,
            "offered": n,
        }
        for day, hour, minute, n in starts
    ]


def staffing() -> Rows:
    """Each day five agents for 40 contacts at 09:00 UTC, two for 10 at 14:30, nobody recorded for 5 at 20:00."""
    return [row for day in DAYS for row in _staffed_day(day)]


def _staffed_day(day: date) -> Rows:
    busy = {"agents_present": 5, "present_seconds": 8000, "handling_seconds": 6000, "idle_seconds": 2000}
    quiet = {"agents_present": 2, "present_seconds": 3600, "handling_seconds": 1000, "idle_seconds": 2600}
    roster = {"away_seconds": 500, "missing_seconds": 500, "rostered_seconds": 9000}
    halves = [
        (9, 0, 40, 6, busy | roster),
        (14, 30, 10, 1, quiet | {"away_seconds": 0, "missing_seconds": 0, "rostered_seconds": 3600}),
        (20, 0, 5, 5, {}),
    ]
    return [
        {
            "brand": FULL,
            "source": "voice",
            "interval_start_at": datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC),
            "is_complete": True,
            "offered": offered,
            "answered": offered - gone,
            "abandoned_in_queue": gone,
            "answered_queue_seconds": 30 * (offered - gone),
        }
        | staff
        for hour, minute, offered, gone, staff in halves
    ]


def first_contacts() -> Rows:
    """Of the latest three months 28/40 and 17/20; January is too old, July's window is open.

    By channel: the phone solved 20/30 and 9/12, a hostile one 8/10 and 8/8, a letter 0/3 in May 2025 and 2/2 in May.
    """
    months = [(date(2026, 1, 1), 50, 10), (date(2026, 5, 1), 40, 28), (date(2026, 6, 1), 20, 17)]
    rows = [_first_contact(month, "all", "all", closed, solved) for month, closed, solved in months]
    rows.append(_first_contact(date(2026, 7, 1), "all", "all", 0, 0))
    rows.append(_first_contact(date(2026, 6, 1), "all", HOSTILE_ISSUE, 12, 9))
    rows.append(_first_contact(date(2026, 6, 1), "phone", HOSTILE_ISSUE, 8, 6))
    rows.append(_first_contact(date(2026, 6, 1), "phone", "rare", 3, 3))
    parts: tuple[tuple[str, date, int, int], ...] = (
        ("phone", date(2026, 5, 1), 30, 20),
        ("phone", date(2026, 6, 1), 12, 9),
        (HOSTILE_CHANNEL, date(2026, 5, 1), 10, 8),
        (HOSTILE_CHANNEL, date(2026, 6, 1), 8, 8),
        ("letter", date(2025, 5, 1), 3, 0),
        ("letter", date(2026, 5, 1), 2, 2),
    )
    rows += [_first_contact(month, channel, "all", closed, solved) for channel, month, closed, solved in parts]
    return [*rows, _first_contact(date(2026, 6, 1), "all", "rare", 3, 3)]


def _first_contact(month: date, channel: str, issue: str, closed: int, solved: int) -> dict[str, Any]:
    return {
        "brand": FULL,
        "period_month": month,
        "channel": channel,
        "issue_code": issue,
        "first_contacts": closed + 4,
        "closed_windows": closed,
        "without_return": solved,
        "channel_leakage": 1,
        "first_contact_resolution": round(solved / closed, 4) if closed >= 5 else None,
        "window_days": 7,
    }


SCORES = {"store": (2, 3, 5, 30, 60), "phone": (10, 15, 20, 35, 20), HOSTILE_CHANNEL: (4, 6, 15, 45, 30)}
"""Answers by score 1 to 5; means 4.43, 3.40 and 3.91."""


def surveys() -> Rows:
    """The 300 answers of SCORES and one that came after the brand's closing instant."""
    answered = [
        _answer(f"{channel}/{score}/{number}", channel, score, AS_OF - timedelta(days=9))
        for channel, counts in SCORES.items()
        for score, count in enumerate(counts, start=1)
        for number in range(count)
    ]
    return [*answered, _answer("late", "store", 1, AS_OF + timedelta(seconds=1))]


def _answer(key: str, channel: str, score: int, responded_at: datetime) -> dict[str, Any]:
    return {
        "response_key": key,
        "brand": FULL,
        "survey_type": "csat",
        "survey_version": "v1",
        "service_channel": channel,
        "score": score,
        "higher_is_better": True,
        "responded_at": responded_at,
    }


def consistency() -> Rows:
    """The totals of one instrument that compares its channels and of one that cannot."""
    group = {"brand": FULL, "survey_version": "v1", "period": "all", "journey_stage": "all", "segment_code": "all"}
    csat = {
        "survey_type": "csat", "surveys": 1000, "responses": 300, "response_share": 0.3, "channel_count": 3,
        "compared_responses": 300, "mean_score": 3.9133, "lowest_channel_mean": 3.4, "highest_channel_mean": 4.43,
        "raw_consistency": 0.7198, "consistency": 0.7433, "permutation_p_value": 0.001, "permutations": 999,
        "min_channel_responses": 50,
    }  # fmt: skip
    nps = {
        "survey_type": "nps", "surveys": 40, "responses": 12, "channel_count": 0, "compared_responses": 0,
        "min_channel_responses": 50,
    }  # fmt: skip
    return [group | csat, group | nps, group | csat | {"period": "2026-06"}, group | nps | {"period": "2026-06"}]


def channel_pairs() -> Rows:
    """Two of the three pairs, with the distances of SCORES."""
    group = {"brand": FULL, "survey_type": "csat", "survey_version": "v1", "period": "all", "journey_stage": "all",
             "segment_code": "all", "responses": 100, "other_responses": 100}  # fmt: skip
    return [
        group | {"channel": "phone", "other_channel": "store", "jsd": 0.16413, "wasserstein_1": 1.03},
        group | {"channel": HOSTILE_CHANNEL, "other_channel": "store", "jsd": 0.07266, "wasserstein_1": 0.52},
    ]


def issue_mixes() -> Rows:
    """By channel csat lies apart as its customers come, and alike at an equal mix; nps names no issue."""
    group = {"brand": FULL, "survey_version": "v1", "period": "all"}
    counts = {"responses": 300, "named_responses": 218, "channel_responses": 209, "compared_responses": 200}
    means = {"lowest_channel_mean": 2.4, "highest_channel_mean": 3.6, "lowest_channel_equal_mean": 3.0,
             "highest_channel_equal_mean": 3.0}  # fmt: skip
    csat = counts | means | {
        "survey_type": "csat", "channel_count": 2, "issue_count": 2, "support_share": 0.9569, "consistency": 0.7532,
        "permutation_p_value": 0.001, "equal_mix_consistency": 1.0, "equal_mix_p_value": 0.9, "permutations": 999,
    }  # fmt: skip
    nps = {"survey_type": "nps", "responses": 12, "compared_responses": 0, "uncompared_because": "no_issue_named"}
    return [group | csat, group | nps, group | csat | {"period": "2026-06"}]


def customer_pairs() -> Rows:
    """Forty persons liked the store better by a point; three scored the web, too few for a mean."""
    pair = {"brand": FULL, "survey_type": "csat", "survey_version": "v1", "channel": "phone"}
    mean = {"mean_difference": -1.02, "mean_difference_lower": -1.3, "mean_difference_upper": -0.74}
    mean |= {"mean_score": 3.4, "other_mean_score": 4.42, "answered_share": 0.4}
    return [
        pair | mean | {"other_channel": "store", "persons_asked": 100, "persons": 40},
        pair | {"other_channel": HOSTILE_CHANNEL, "persons_asked": 8, "persons": 3},
    ]


def price_parity() -> Rows:
    """Of 40 products 35 are asked at one price throughout; charged prices come second."""
    cell = {"brand": FULL, "currency": "EUR", "period": "all", "category": "all", "products": 40, "products_apart": 5}
    share = {"parity_share": 0.875, "parity_share_lower": 0.77, "parity_share_upper": 0.98}
    asked = cell | share | {"basis": "asked", "product_days": 4000, "equal_days": 3500, "spread_mean": 0.0526}
    few = {"products": 3, "products_apart": 0, "product_days": 300, "equal_days": 300}
    return [
        asked,
        asked | {"period": "2026-05", "product_days": 1240, "equal_days": 1085},
        cell | few | {"basis": "asked", "category": HOSTILE_ISSUE, "widest_spread": 0},
        cell | share | {"basis": "charged", "product_days": 5000, "equal_days": 4900},
    ]


def answer_parity() -> Rows:
    """On billing the channels part, on delivery they do not; on the third issue only one has enough cases."""
    group = {"brand": FULL, "period": "all", "min_channel_cases": 50, "closed_cases": 200, "coded_cases": 190}
    compared = group | {"channel_count": 2, "compared_cases": 160, "fewest_channel_cases": 60, "permutations": 999}
    billing = {"issue_code": "billing", "raw_consistency": 0.55, "consistency": 0.58, "permutation_p_value": 0.001}
    delivery = {"issue_code": "delivery", "raw_consistency": 0.92, "consistency": 0.97, "permutation_p_value": 0.4}
    return [compared | billing, compared | delivery, group | {"issue_code": HOSTILE_ISSUE, "channel_count": 0}]


def answer_shares() -> Rows:
    """By phone 50 of 100 cases about billing are explained, in the other channel 12 of 60."""
    rows = []
    for channel, cases, explained in (("phone", 100, 50), (HOSTILE_CHANNEL, 60, 12)):
        cell = {"brand": FULL, "period": "all", "issue_code": "billing", "channel": channel, "is_compared": True}
        cell |= {"channel_cases": cases}
        for code, n in (("explained", explained), ("refunded", cases - explained)):
            rows.append(cell | {"resolution_code": code, "cases": n, "share": n / cases})
    return rows


def cohorts() -> Rows:
    """Month 1 outside the burn-in: 30/100, 12/60, 20/80; month 3: 15/100. June is not over."""
    active = {
        (date(2026, 1, 1), 500, True): (500, 90, 80, 70, 60, None),
        (date(2026, 2, 1), 100, False): (100, 30, 20, 15, None),
        (date(2026, 3, 1), 60, False): (60, 12, 9, None),
        (date(2026, 4, 1), 80, False): (80, 20, None),
    }
    return [
        {
            "brand": FULL,
            "cohort_month": month,
            "month_offset": offset,
            "is_month_closed": n is not None,
            "is_burn_in": is_burn_in,
            "cohort_size": size,
            "active_customers": n,
            "retention": None if n is None else round(n / size, 4),
            "burn_in_months": 1,
        }
        for (month, size, is_burn_in), numbers in active.items()
        for offset, n in enumerate(numbers)
    ]


def returns() -> Rows:
    """FULL outside the burn-in: of 100 and 60 seen for 30 days 40 and 16 came back; the burn-in's do not count."""
    row = {"brand": FULL, "measure": "return", "day_number": 30, "burn_in_months": 1}
    seen = {
        (date(2026, 1, 1), True): (500, 400),
        (date(2026, 2, 1), False): (100, 40),
        (date(2026, 3, 1), False): (60, 16),
    }
    rows = [
        row
        | {"cohort_month": month, "is_burn_in": is_burn_in, "customers": n, "customers_censored": 5, "returned": back}
        for (month, is_burn_in), (n, back) in seen.items()
    ]
    return [*rows, rows[1] | {"measure": "rolling", "returned": 20}]


def customer_values() -> Rows:
    """Three customers who are likely still there and one who is not: twice .9, 3.0 and .2 purchases expected."""
    known = (("c1", 0.95, 0.9, 20.0), ("c2", 1.0, 0.9, 20.0), ("c3", 0.97, 3.0, 40.0), ("c4", 0.15, 0.2, 10.0))
    return [
        {
            "brand": FULL,
            "customer_id": customer,
            "has_forecast": True,
            "probability_alive": alive,
            "expected_purchases": purchases,
            "expected_spend": purchases * spend,
            "currency": "EUR",
            "forecast_days": 364,
        }
        for customer, alive, purchases, spend in known
    ]


def purchase_models() -> Rows:
    """One brand's model was 10 % too low; another brand's customers came again too seldom."""
    judged = {"expected_purchases": 90, "observed_purchases": 100, "purchase_error": -0.1, "mean_absolute_error": 0.5}
    shared = {"min_repeaters": 100, "customers": 400, "seen_until": date(2025, 9, 20), "days_ahead": 273}
    return [
        shared | {"brand": FULL, "basis": "whole", "repeaters": 200, "is_usable": True},
        shared | judged | {"brand": FULL, "basis": "calibration", "repeaters": 150, "is_usable": True},
        shared | {"brand": HOSTILE_BRAND, "basis": "whole", "repeaters": 7, "is_usable": False},
    ]


def survival() -> Rows:
    """Remission under 6-mercaptopurine (Freireich et al. 1963) with the log-log interval, to 13 months."""
    steps = [
        (6, 21, 3, 1, 0.8571, 0.6197, 0.9516),
        (7, 17, 1, 0, 0.8067, 0.5631, 0.9228),
        (10, 15, 1, 1, 0.7529, 0.5032, 0.8894),
        (13, 12, 1, 0, 0.6902, 0.4316, 0.8491),
    ]
    names = ("duration_months", "at_risk", "events", "censored", "survival", "survival_lower", "survival_upper")
    curve = [dict(zip(names, step, strict=True)) for step in steps]
    groups: Sequence[str] = ("all", "gold", "silver")
    return [
        {"brand": FULL, "basis": "purchase", "customer_group": group, "lapse_days": 90} | step
        for group in groups
        for step in curve
    ]


def recovery() -> Rows:
    """50 failures, 20 of them put right."""
    return [
        {
            "brand": FULL, "period": "all", "failure_type": "all", "severity": "all", "detected": 50,
            "under_recovery": 28, "voiced": 30, "voiced_share": 0.6, "acknowledged": 28, "apologised": 25,
            "decided": 24, "completed": 20, "completed_same_day": 6,
            "recovery_rate": 0.4, "recovery_rate_lower": 0.2761, "recovery_rate_upper": 0.5382,
            "detection_to_completion_median_hours": 26.5,
        }
    ]  # fmt: skip


def top_box() -> Rows:
    """Of 300 surveys 200 were answered, 60 with the best score."""
    cell = {"brand": FULL, "survey_version": "v1", "period": "all", "channel": "all", "segment_code": "all"}
    counts = {"surveys": 300, "responses": 200, "top_box": 60, "satisfied": 160, "merely_satisfied": 100}
    return [cell | counts | {"response_rate": 0.6667}]


def top_box_loyalty() -> Rows:
    """Of those with the best score .8 were retained beside .7; among those who had bought once too few are known."""
    cell = {"brand": FULL, "survey_version": "v1", "repurchase_days": 30, "lapse_days": 90}
    everyone = {"purchase_days": "all", "top_box_weeks": 90, "top_box_customers": 40, "merely_satisfied_customers": 60}
    shares = {"top_box_share": 0.8, "merely_satisfied_share": 0.7, "difference": 0.1}
    shares |= {"difference_lower": 0.02, "difference_upper": 0.18}
    once = everyone | {"purchase_days": "1", "top_box_weeks": 3, "top_box_customers": 3}
    outcomes = [{"outcome": outcome} for outcome in ("repurchase", "retention")]
    return [
        *(cell | outcome | everyone | shares for outcome in outcomes),
        *(cell | outcome | once | dict.fromkeys(shares) for outcome in outcomes),
    ]


def reviews() -> Rows:
    """Of 40 reviews 10 are negative, of 8 old enough 6 were answered; another platform has two."""
    cell = {"brand": FULL, "period": "all", "answer_hours": 48, "negative_up_to": 0.4, "episode_days": 30}
    maps = {"platform": "maps", "scale_max": 5, "reviews": 40, "negative": 10, "negative_judged": 8}
    maps |= {"negative_answered": 6, "mean_rating": 3.9, "mean_rating_lower": 3.5, "mean_rating_upper": 4.3}
    maps |= {"answer_median_hours": 20.5}
    other = {"platform": HOSTILE_CHANNEL, "scale_max": 10, "reviews": 2, "negative": 1, "negative_judged": 1}
    other |= {"negative_answered": 0, "mean_rating": None, "mean_rating_lower": None, "mean_rating_upper": None}
    return [cell | one | {"issue_code": issue} for one in (maps, other) for issue in ("all", HOSTILE_ISSUE)]


def referrals() -> Rows:
    """Of 30 referrals 20 are judged, 9 of them brought a customer."""
    cell = {"brand": FULL, "period": "all", "conversion_days": 60, "episode_days": 30}
    counts = {"referrals": 30, "referrers": 25, "with_episode": 12, "judged": 20, "converted": 9}
    shares = {"conversion_share": 0.45, "conversion_share_lower": 0.2582, "conversion_share_upper": 0.6579}
    return [cell | counts | shares | {"issue_code": issue} for issue in ("all", HOSTILE_ISSUE)]


def same_day() -> Rows:
    """Of 50 failures 48 are judged, 12 of them were made good the same day and 30 never."""
    cells = {"severity": "all", "period": "all", "day_basis": "all", "failure_type": "all"}
    parts = {"failures": 50, "judged": 48, "same_day": 12, "later": 6, "unrecovered": 30}
    parts |= {"same_day_share": 0.25, "same_day_share_lower": 0.1492, "same_day_share_upper": 0.3878}
    hours = {"day_basis": "hours", "failures": 35, "judged": 33, "same_day": 12, "later": 6, "unrecovered": 15}
    kind = {"failure_type": HOSTILE_ISSUE, "failures": 4, "judged": 4, "same_day": 1, "later": 0, "unrecovered": 3}
    nothing = {"same_day_share": None, "same_day_share_lower": None, "same_day_share_upper": None}
    calendar = {"day_basis": "calendar", "failures": 15, "judged": 15, "same_day": 0, "later": 0, "unrecovered": 15}
    return [{"brand": FULL} | cells | parts | more for more in ({}, hours, calendar, kind | nothing)]


def recovery_paradox() -> Rows:
    """Those made good stand .05 above where they stood before it; they bought again no more than others like them."""
    cell = {
        "brand": FULL,
        "survey_type": "csat",
        "survey_version": HOSTILE_ISSUE,
        "failure_type": "all",
        "severity": "all",
    }
    cell |= {"comparison": "within_person", "outcome": "satisfaction", "window_days": 30, "lapse_days": 90}
    counts = {"asked": 80, "answered": 60, "response_rate": 0.75, "observations": 40, "persons": 30}
    within = {"outcome_mean": 0.85, "reference_mean": 0.8, "difference": 0.05}
    within |= {"difference_lower": 0.02, "difference_upper": 0.08}
    between = {"comparison": "between_persons", "outcome": "repurchase", "survey_type": "all", "survey_version": "all"}
    between |= {"asked": None, "answered": None, "response_rate": None, "matched_persons": 90}
    between |= {"outcome_mean": 0.6, "reference_mean": 0.6, "difference": 0.0}
    between |= {"difference_lower": -0.1, "difference_upper": 0.1}
    rare = {"standing": "rejected", "severity": "4", "observations": 2, "persons": 2}
    rare |= dict.fromkeys(("outcome_mean", "reference_mean", "difference", "difference_lower", "difference_upper"))
    recovered = cell | {"standing": "recovered"} | counts | within
    return [recovered, recovered | between, recovered | rare]


def complaints() -> Rows:
    """Three months of FULL: 10 complaints by phone, 8 of 9 due in time, 6 of 8 with an apology first; mail has none."""
    rows = []
    for month in (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)):
        phone = {
            "cases": 25, "complaints": 10, "channels_with_cases": 1, "channels_with_complaints": 1,
            "acknowledgement_due": 9, "acknowledged_in_time": 8, "fixed": 8, "apologised_before_fix": 6,
            "apologised_after_fix": 1, "reopened": 1, "escalated": 2, "outcomes_known": 5, "outcomes_accepted": 4,
        }  # fmt: skip
        mail = dict.fromkeys(phone, 0) | {"cases": 5, "channels_with_cases": 1}
        both = {part: phone[part] + mail[part] for part in phone}
        rows += [
            {"brand": FULL, "complaint_month": month, "channel": channel, "acknowledgement_hours": 24} | parts
            for channel, parts in (("all", both), ("phone", phone), (HOSTILE_CHANNEL, mail))
        ]
    return rows


def touchpoints() -> Rows:
    """For FULL 100 touches of 60 known people on 20 days, and one after the closing instant."""
    rows = [_touch(FULL, n, "phone" if n % 4 else "store", known=n % 5 < 3, day=DAYS[n % 20]) for n in range(100)]
    rows.append(_touch(FULL, 100, "phone", known=True, day=date(2026, 6, 22)))
    return [*rows, _touch(HOSTILE_BRAND, 101, HOSTILE_CHANNEL, known=False, day=DAYS[0])]


def _touch(brand: str, number: int, channel: str, known: bool, day: date) -> dict[str, Any]:
    return {
        "touch_key": str(number),
        "brand": brand,
        "customer_id": f"c{number}" if known else None,
        "channel": channel,
        "occurred_at": datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        "business_date": day,
    }


def transactions() -> Rows:
    """FULL: 10 completed purchases, 7 of known people; a return, a voided and a late one stay out. QUIET: 3."""
    usual = {"status": "completed", "is_return": False, "closed_at": AS_OF - timedelta(days=1), "customer_id": "c"}
    odd = [{"is_return": True}, {"status": "voided"}, {"closed_at": AS_OF + timedelta(days=1)}]
    rows = [usual | {"brand": FULL, "customer_id": "c" if n < 7 else None} for n in range(10)]
    rows += [usual | {"brand": FULL} | difference for difference in odd]
    return rows + [usual | {"brand": QUIET} for _ in range(3)]


def promises() -> Rows:
    """FULL: 18 of 20 kept in May, 24 of 30 in June, of two types; by hand the interval of a month is none."""
    rows: list[dict[str, Any]] = []
    for month, kinds in (
        (5, {"delivery": (12, 11), "call back": (8, 7)}),
        (6, {"delivery": (20, 18), "call back": (10, 6)}),
    ):
        for kind, (due, kept) in ({"all": _both(kinds)} | kinds).items():
            cell = {"brand": FULL, "due_month": date(2026, month, 1), "promise_type": kind, "made_by": "all"}
            counts = {"due": due, "kept": kept, "late": due - kept, "overdue": 0, "kept_share": round(kept / due, 4)}
            rows.append(cell | counts)
    return rows


def _both(kinds: dict[str, tuple[int, int]]) -> tuple[int, int]:
    due, kept = zip(*kinds.values(), strict=True)
    return sum(due), sum(kept)


def open_promises() -> Rows:
    """Three of FULL, the second in a type somebody else named."""
    kinds = ("refund", HOSTILE_ISSUE, "call back")
    return [
        {
            "promise_key": f"crm/p{rank}",
            "brand": FULL,
            "promise_type": kind,
            "owner_employee_id": f"E{rank}",
            "due_at": AS_OF + timedelta(days=rank - 2, hours=-1),
            "overdue_seconds": (2 - rank) * 86400 + 3600 if rank < 3 else None,
            "worst_rank": rank,
        }
        for rank, kind in enumerate(kinds, start=1)
    ]


def waiting() -> Rows:
    """FULL in June: 30 of 40 quotes and 9 of 12 callbacks kept; of the told 6 of 30 gave up, of the untold 10 of 25.

    In billing 16 of 20 quotes were kept; of the told 1 of 10 gave up, of the untold 9 of 15. In sales four waited.
    """
    cell = {
        "brand": FULL,
        "source": "line",
        "queue_id": "all",
        "period_month": date(2026, 6, 1),
        "waits": 100,
        "told": 60,
    }
    quotes = {"quotes_judged": 40, "quotes_kept": 30, "callbacks_due": 12, "callbacks_kept": 9, "landmark_seconds": 20}
    groups = {"told_waiting": 30, "told_abandoned": 6, "untold_waiting": 25, "untold_abandoned": 10}
    billing = {"queue_id": "billing", "waits": 50, "told": 25, "quotes_judged": 20, "quotes_kept": 16}
    billing |= {"told_waiting": 10, "told_abandoned": 1, "untold_waiting": 15, "untold_abandoned": 9}
    billing |= {"callbacks_due": 4, "callbacks_kept": 4}
    sales = dict.fromkeys((*quotes, *groups, "told"), 0) | {"queue_id": "sales", "waits": 4, "landmark_seconds": 20}
    return [cell | quotes | groups, cell | quotes | groups | billing, cell | sales]


def effort() -> Rows:
    """FULL in June: 50 episodes of 1.8 touches each."""
    cell = {
        "brand": FULL,
        "period_month": date(2026, 6, 1),
        "issue_code": "all",
        "episodes": 50,
        "open_episodes": 2,
        "persons": 40,
    }
    touches = {"touches_known": 50, "touches_mean": 1.8, "touches_mean_lower": 1.6, "touches_mean_upper": 2.0}
    return [cell | touches | {"waiting_seconds_known": 20, "waiting_seconds_mean": 75.5}]


def efficiency() -> Rows:
    """FULL in May: 40 resolved of 50 at 15 minutes of work each; in June half is open."""
    cell = {"brand": FULL, "issue_code": "all", "window_days": 7, "currency": "EUR", "unknown_issue": 3, "uncosted": 0}
    work = {"labour_seconds_per_resolution": 900, "labour_seconds_of_resolved": 600, "cost_per_resolution": 7.5}
    work |= {"labour_seconds_per_resolution_lower": 840, "labour_seconds_per_resolution_upper": 960}
    work |= {"all_labour_seconds": 36000, "contacts_per_resolution": 1.6}
    said = {"survey_version": "v1", "surveys": 30, "responses": 12, "satisfied": 9, "response_rate": 0.4}
    said |= {"satisfied_share": 0.75, "satisfied_share_lower": 0.47, "satisfied_share_upper": 0.91}
    may = {"period_month": date(2026, 5, 1), "resolved": 40, "returned": 10, "follow_on": 4, "open_episodes": 1}
    june = {"period_month": date(2026, 6, 1), "resolved": 9, "returned": 1, "follow_on": 0, "open_episodes": 10}
    return [cell | may | work | said, cell | june | {"survey_version": "v1", "surveys": 2, "responses": 0}]


def effort_scores() -> Rows:
    """FULL: 60 answers over the phone, of one segment, and all in all, mean 5.1."""
    score = {"effort_score_mean": 5.1, "effort_score_mean_lower": 4.8, "effort_score_mean_upper": 5.4}
    cell = {"brand": FULL, "survey_version": "2.0", "period": "all", "segment_code": "all"}
    counts = {"surveys": 150, "responses": 60, "net_easy_score": 40, "response_rate": 0.4}
    rows = [cell | counts | score | {"channel": channel} for channel in ("all", "phone")]
    return [*rows, rows[0] | {"segment_code": "premium"}, rows[0] | {"segment_code": "value", "responses": 40}]


def failure_demand() -> Rows:
    """FULL: in May 15 of 40 contacts by failure, in June 21 of 50; each takes six minutes at 30 an hour, 3.00.

    Over the phone it was 9 of 20 in June, by letter 1 of 2.
    """
    rows: list[dict[str, Any]] = []
    for month, contacts, causes in (
        (5, 40, {"complaint": 8, "broken_promise": 1, "chase": 2, "repeat": 4}),
        (6, 50, {"complaint": 11, "broken_promise": 2, "chase": 3, "repeat": 5}),
    ):
        for cause, caused in ({"all": sum(causes.values())} | causes).items():
            cell = {"brand": FULL, "period_month": date(2026, month, 1), "channel": "all", "cause": cause}
            counts = {"contacts": contacts, "contacts_of_unknown": 6, "failure_contacts": caused}
            work = {"labour_hours": caused / 10, "failure_cost": caused * 3, "uncosted_contacts": 0, "currency": "EUR"}
            rows.append(cell | counts | work | {"failure_share": round(caused / contacts, 4)})
    [june] = [row for row in rows if row["period_month"] == date(2026, 6, 1) and row["cause"] == "all"]
    phone = {"channel": "phone", "contacts": 20, "failure_contacts": 9, "failure_share": 0.45}
    letter = {"channel": "letter", "contacts": 2, "failure_contacts": 1, "failure_share": None}
    spent, less = {"labour_hours": 0.9, "failure_cost": 27}, {"labour_hours": 0.1, "failure_cost": 3}
    return [*rows, june | letter | less, june | phone | spent]


def service_pnl() -> Rows:
    """FULL: in May 24 of 100 for service, 40 for goods; June is not over. A hostile segment and goods without cost."""
    costs = {"refunds": 10, "contact_cost": 8, "compensation": 2, "delivery_cost": 4, "service_cost": 24}
    margin = {"cost_of_goods": 40, "margin_after_service": 36, "uncosted_sales": 0, "uncosted_contacts": 1}
    share = {"service_cost_share": 0.24, "service_cost_share_lower": 0.2, "service_cost_share_upper": 0.28}
    cell = {"brand": FULL, "period_month": date(2026, 5, 1), "segment_code": "all", "currency": "EUR", "net_sales": 100}
    may = cell | costs | margin | share | {"sales": 20, "buyers": 15}
    june = {"period_month": date(2026, 6, 1), "margin_after_service": None, "uncosted_sales": 3, "sales": 3}
    return [may, may | june, may | {"segment_code": HOSTILE_CHANNEL, "sales": 12}, may | {"segment_code": "unknown"}]


def profit_chain() -> Rows:
    """FULL: the first link is clear, the second is not, the fourth has too few places, the fifth no measures."""
    shared = {"brand": FULL, "lag_months": 1, "units": 8, "months": 5, "observations": 40}
    measures = ("employee", "quality", "satisfaction", "loyalty", "revenue", "margin")
    figures: tuple[dict[str, Any], ...] = (
        {"coefficient": 0.4, "coefficient_lower": 0.2, "coefficient_upper": 0.6, "is_clear": True},
        {"coefficient": 0.1, "coefficient_lower": -0.3, "coefficient_upper": 0.5, "is_clear": False},
        {"coefficient": -0.5, "coefficient_lower": -1.1, "coefficient_upper": 0.1, "is_clear": False},
        {"units": 3, "observations": 12, "unestimated_because": "too_few_units"},
        {"units": 0, "months": 0, "observations": 0, "unestimated_because": "not_measured"},
    )
    return [
        shared | {"link": link, "from_measure": measures[link - 1], "to_measure": measures[link]} | own
        for link, own in enumerate(figures, start=1)
    ]


def customer_flywheel() -> Rows:
    """FULL: of 50 who first bought in the first quarter 12 of 40 free ones and 9 of 10 bound ones came again."""
    cell = {"brand": FULL, "lapse_days": 90, "currency": "EUR", "customers": 50, "csat_version": "v1"}
    came = {"came_again": 21, "free": 40, "free_came_again": 12, "bound": 10, "bound_came_again": 9, "members": 0}
    counts = {"members_kept": 0, "spend_known": 48, "csat_answers": 20, "nps_answers": 4, "suggesting": 6}
    shares = {"retention": 0.42, "free_retention": 0.3, "bound_retention": 0.9, "satisfied_share": 0.75}
    parts = {"surveys_asked": 80, "surveys_answered": 24, "answer_share": 0.3, "suggesting_share": 0.12}
    ends = {f"{name}_{end}": share + way for name, share in (shares | parts).items() if name.endswith(("n", "share"))
            for end, way in (("lower", -0.08), ("upper", 0.08))}  # fmt: skip
    spend = {"spend_mean": 41.5, "spend_mean_lower": 35, "spend_mean_upper": 48}
    first = cell | came | counts | shares | parts | ends | spend
    states = {"first_quarter": date(2026, 1, 1), "is_burn_in": True, "is_window_closed": True}
    return [first | states, cell | {"first_quarter": date(2026, 4, 1), "is_burn_in": False, "is_window_closed": False}]


def delivered_value() -> Rows:
    """FULL: in May 95 paid for goods priced 100."""
    cell = {"brand": FULL, "period_month": date(2026, 5, 1), "segment_code": "all", "currency": "EUR", "sales": 20}
    prices = {"priced_sales": 18, "buyers": 14, "realised_value": 95, "dated_value": 100, "price_premium": -0.05}
    effort = {"episodes": 50, "touches_mean": 1.8, "waiting_seconds_mean": 75.5}
    row = cell | prices | effort | {"price_premium_lower": -0.08, "price_premium_upper": -0.02}
    return [row, row | {"segment_code": "premium", "price_premium": -0.03, "buyers": 9}]


def priorities() -> Rows:
    """FULL: returns first, -.15 of 2,000 spent at stake, a code nobody named, and one met by too few to judge."""
    judged = {"retained_share": 0.55, "matched_share": 0.7, "retention_difference": -0.15,
              "retention_difference_lower": -0.25, "retention_difference_upper": -0.05, "value_at_stake": 300,
              "value_at_stake_lower": 100, "value_at_stake_upper": 500, "is_clear": True}  # fmt: skip
    shared = {"brand": FULL, "currency": "EUR", "lapse_days": 90, "people_touched": 40, "spend": 2000}
    return [
        shared | judged | {"priority": 1, "code": "return", "name": "Goods sent back", "owner": "assortment",
                           "judged_people": 60},
        shared | judged | {"priority": 2, "code": HOSTILE_ISSUE, "judged_people": 60, "value_at_stake": 200,
                           "is_clear": False, "retention_difference_upper": 0.05},
        shared | {"priority": 3, "code": "low_score", "name": "Dissatisfied answers", "judged_people": 3},
    ]  # fmt: skip


def defection() -> Rows:
    """FULL: 18 of 50 lapsed, 6 of 10 after a return, of others like them 3 of 10; and a hostile channel."""
    shared = {"brand": FULL, "cut_date": date(2026, 3, 22), "lapse_days": 90, "currency": "EUR"}
    everybody = {"lapsed_share": 0.36, "lapsed_share_lower": 0.2414, "lapsed_share_upper": 0.4986}
    returned = {"lapsed_share": 0.6, "lapsed_share_lower": 0.3127, "lapsed_share_upper": 0.8318,
                "matched_lapsed_share": 0.3, "lapsed_difference": 0.3, "lapsed_difference_lower": -0.0352,
                "lapsed_difference_upper": 0.6352}  # fmt: skip
    return [
        shared | everybody | {"trait": "all", "code": "all", "customers": 50, "lapsed": 18, "matched_customers": 0,
                              "value_lost": 1800},
        shared | returned | {"trait": "last_failure", "code": "return", "customers": 10, "lapsed": 6,
                             "matched_customers": 10, "value_lost": 600},
        shared | returned | {"trait": "touchpoint", "code": "service_call", "customers": 10, "lapsed": 6,
                             "matched_customers": 10, "value_lost": 600},
        shared | {"trait": "channel", "code": HOSTILE_CHANNEL, "customers": 3, "lapsed": 1, "matched_customers": 3,
                  "value_lost": 5},
    ]  # fmt: skip


def standard_attainment() -> Rows:
    """FULL: of two standards in May 30 of 40 days, in June 21 of 30; a third has no metric."""
    standing = {
        "brand": FULL,
        "is_current": True,
        "unit_type": "all",
        "unit_id": "all",
        "operator": ">=",
        "target": 0.6,
    }
    rows: list[dict[str, Any]] = []
    for code, months in (
        ("greet", {"2026-05": (20, 15), "2026-06": (10, 6)}),
        ("name", {"2026-05": (20, 15), "2026-06": (20, 15)}),
    ):
        for period, (judged, attained) in ({"all": _both(months)} | months).items():
            days = {"days_judged": judged, "days_attained": attained, "attainment": attained / judged}
            rows.append(standing | days | {"standard_version_key": code, "standard_code": code, "period": period})
    unknown = {"standard_version_key": "u", "standard_code": HOSTILE_ISSUE, "unjudged_because": "metric_unknown"}
    return [*rows, standing | unknown | {"period": "all", "days_judged": 0, "days_attained": 0}]


def standard_days() -> Rows:
    """FULL: kept, kept, not judged, kept, missed, kept: three days in a row at best, one now."""
    day = {"brand": FULL, "source": "crm", "standard_code": "greet", "unit_type": "location", "unit_id": "S1", "n": 5}
    runs = (1, 2, None, 3, 0, 1)
    return [
        day | {"business_date": DAYS[number], "run_days": run, "is_attained": None if run is None else run > 0}
        for number, run in enumerate(runs)
    ]


def service_levels() -> Rows:
    """FULL in May: high, basic, none and one unit whose level nobody knows; June is not over."""
    unit = {"brand": FULL, "touchpoint_code": "visit", "unit_type": "location", "standards": 3, "level_quorum": 0.9}
    may = {"period_month": date(2026, 5, 1), "is_month_closed": True}
    blocked = {"blocking_standard_code": "greet", "blocking_days_judged": 20, "blocking_days_attained": 15}
    levels: tuple[str | None, ...] = ("high", "basic", "none", None)
    rows = [
        unit | may | {"unit_id": f"S{number}", "service_level": level} | ({} if level == "high" else blocked)
        for number, level in enumerate(levels, start=1)
    ]
    june = {"period_month": date(2026, 6, 1), "is_month_closed": False, "unit_id": "S1", "service_level": "none"}
    return [*rows, unit | june]


def improvements() -> Rows:
    """FULL: of two changes held against others one clearly bettered its standard; one was made everywhere."""
    change = {"brand": FULL, "kind": "change", "comparison_window_weeks": 4, "is_everywhere": False}
    judged = change | {"is_window_closed": True, "units_changed": 2, "units_unchanged": 6, "first_changed_on": DAYS[0]}
    days = {"days_before": 50, "days_after": 48, "plain_change": 0.4, "plain_change_lower": 0.2}
    better = {"effect": 0.4, "effect_lower": 0.1, "effect_upper": 0.7, "is_clear": True, "plain_change_upper": 0.6}
    unclear = {"effect": 0.05, "effect_lower": -0.3, "effect_upper": 0.4, "is_clear": False}
    return [
        judged | days | better | {"change_key": "c1", "standard_code": "greet"},
        judged | unclear | {"change_key": "c2", "standard_code": HOSTILE_ISSUE},
        judged | days | {"change_key": "c3", "standard_code": "name", "uncompared_because": "no_unit_unchanged"},
        change | {"change_key": "c4", "touchpoint_code": "chat", "first_changed_on": DAYS[9], "is_window_closed": False,
                  "uncompared_because": "no_standard"},
    ]  # fmt: skip


def launches() -> Rows:
    """FULL: 30 of 200 met since took to the app, 12 of 25 of them again within 30 days; talks name no touchpoint."""
    app = {"brand": FULL, "change_key": "l1", "touchpoint_code": HOSTILE_CHANNEL, "first_changed_on": DAYS[0]}
    share = {"adopted_share": 0.15, "adopted_share_lower": 0.1, "adopted_share_upper": 0.21}
    again = {
        "repeat_judged_30": 25,
        "repeated_30": 12,
        "repeat_share_30": 0.48,
        "repeat_judged_90": 0,
        "repeated_90": 0,
    }
    every = {"week": "all", "active_people": 200, "active_adopted": 30, "not_yet_users": 200, "new_users": 30}
    week = {"active_people": 120, "active_adopted": 18, "not_yet_users": 120, "new_users": 18, "users_so_far": 18}
    unnamed = {"brand": FULL, "change_key": "l2", "week": "all", "first_changed_on": DAYS[9]}
    return [
        app | every | share | again | {"users_so_far": 30, "uncompared_because": "no_standard"},
        app | week | share | {"week": "2026-06-01"},
        unnamed | {"uncompared_because": "no_standard"},
    ]


def service_gaps() -> Rows:
    """FULL: 60 customers found reliability .9 below what they expected and all dimensions .26."""
    rows: list[dict[str, Any]] = []
    for dimension, gap in (("reliability", -0.9), ("all", -0.26)):
        answers = {"answers": 60, "customer_gap": gap, "customer_gap_lower": gap - 0.1, "customer_gap_upper": gap + 0.1}
        rows.append({"brand": FULL, "instrument": "servqual/v1", "dimension": dimension} | answers)
    return rows


def expectations() -> Rows:
    """FULL: of 60 answers 6 above expectation, 24 as expected; of 50 promises 10 beaten."""
    shared = {"brand": FULL, "period": "all", "dimension": "reliability", "promise_margin_hours": 24}
    item = {"basis": "survey", "instrument": "servqual/v1", "item_code": "REL1", "judged": 60, "above": 6, "met": 24}
    kept = {"basis": "promise", "instrument": "promises", "item_code": HOSTILE_ISSUE, "judged": 50, "above": 10}
    return [
        shared | item | {"below": 30, "above_share": 0.1},
        shared | kept | {"below": 8, "met": 32, "above_share": 0.2},
    ]


def next_needs() -> Rows:
    """FULL: of 60 days with tea, 45 were followed by jam, which follows half of all days: lift 1.5."""
    bounds = {"confidence_lower": 0.62, "confidence_upper": 0.88, "lift_lower": 1.24, "lift_upper": 1.76}
    counts = {"occasions": 100, "occasions_with_antecedent": 60, "customers": 40, "occasions_before_consequent": 50}
    rule = {"brand": FULL, "horizon_days": 30, "antecedent": "tea", "consequent": "jam", "occasions_followed": 45}
    figures = {"support": 0.45, "consequent_support": 0.5, "confidence": 0.75, "lift": 1.5, "leverage": 0.15}
    weaker = {"consequent": HOSTILE_ISSUE, "confidence": 0.25, "confidence_lower": 0.1, "confidence_upper": 0.4}
    chance = {"lift": 0.5, "lift_lower": 0.2, "lift_upper": 0.8, "occasions_followed": 15}
    best = rule | counts | figures | bounds | {"conviction": 2.0}
    return [best, best | weaker | chance]


def customer_needs() -> Rows:
    """FULL: jam is the likeliest need of two customers."""
    need = {"brand": FULL, "need_rank": 1, "category": "jam", "after_category": "tea", "horizon_days": 90}
    return [need | {"customer_id": f"c{number}", "confidence": 0.75} for number in range(2)]


def contact_pressure() -> Rows:
    """FULL: of 100 months with seven messages or more, 30 ended in a refusal; of 50 with one, 1 did."""
    month = {"brand": FULL, "period": "all", "customers": 40, "touches": 800, "reply_days": 7, "complained": 2}
    few = {"pressure_band": "1", "touches_from": 1, "customer_months": 50, "could_opt_out": 50, "opted_out": 1}
    many = {"pressure_band": "7+", "touches_from": 7, "customer_months": 100, "could_opt_out": 100, "opted_out": 30}
    bounds = {"opt_out_share_lower": 0.01, "opt_out_share_upper": 0.4}
    return [
        month | few | bounds | {"opt_out_share": 0.02, "reply_share": 0.1},
        month | many | bounds | {"opt_out_share": 0.3, "complaint_share": 0.02},
        month | many | bounds | {"pressure_band": "all", "touches_from": 1, "opt_out_share": 0.2},
    ]


def segment_fit() -> Rows:
    """FULL: a target segment of 40 that costs a tenth of its sales, and one of nobody known."""
    cell = {
        "brand": FULL,
        "fit_months": 12,
        "currency": "EUR",
        "members": 35,
        "customers": 40,
        "sales": 90,
        "contacts": 30,
    }
    money = {"net_sales": 4000, "service_cost": 400, "value_mean": 100, "cost_to_serve_mean": 10, "margin_mean": 50}
    ends = {f"{name}_{end}": mean + way for name, mean in money.items() if name.endswith("mean")
            for end, way in (("lower", -5), ("upper", 5))}  # fmt: skip
    share = {"service_cost_share": 0.1, "service_cost_share_lower": 0.08, "service_cost_share_upper": 0.12}
    marks = {
        "standards": 2,
        "standards_under": 1,
        "standards_over": 0,
        "standards_as_written": 0,
        "standards_unknown": 1,
    }
    return [
        cell | money | ends | share | marks | {"segment_code": "premium", "is_target": True},
        {"brand": FULL, "fit_months": 12, "segment_code": HOSTILE_ISSUE, "members": 0, "standards": 1},
    ]


def segment_standards() -> Rows:
    """FULL: premium gets too little, the other too much, and one standard is a percentile."""
    cell = {"brand": FULL, "is_current": True, "operator": ">=", "target_uom": "share", "owner_employee_id": "e1"}
    short = {
        "judged": 100,
        "kept": 80,
        "delivered_share": 0.8,
        "delivered_share_lower": 0.71,
        "delivered_share_upper": 0.87,
    }
    premium, other = {"segment_code": "premium"}, {"segment_code": HOSTILE_ISSUE, "standard_code": "WORD"}
    unjudged = {"judged": 0, "service": "unknown", "unjudged_because": "no_share_to_reach"}
    return [
        cell
        | short
        | premium
        | {"standard_version_key": "1", "standard_code": "WORD", "target": 0.95, "service": "under"},
        cell | short | other | {"standard_version_key": "2", "target": 0.5, "service": "over"},
        cell | unjudged | premium | {"standard_version_key": "3", "standard_code": "SLOW", "target": 60},
    ]


def preferences() -> Rows:
    """FULL: any was used in 30 of 80 contacts, and is old of 10 of 40 customers; observed ones alone are few."""
    cell = {"brand": FULL, "review_days": 90, "mean_age_days": 45.5}
    age = {"preferences": 50, "customers": 40, "customers_stale": 10, "stale_share": 0.25}
    use = {"contacts": 80, "contacts_used": 30, "used_share": 0.375, "used_share_lower": 0.3, "used_share_upper": 0.45}
    never = {"customers_met": 20, "customers_never_used": 5, "never_used_share": 0.25}
    few = {
        "preferences": 4,
        "customers": 4,
        "customers_stale": 1,
        "contacts": 3,
        "contacts_used": 0,
        "customers_met": 3,
    }
    row = cell | age | use | never
    return [
        row | {"preference_code": "all", "origin": "all"},
        row | {"preference_code": HOSTILE_ISSUE, "origin": "all"},
        cell | few | {"preference_code": HOSTILE_ISSUE, "origin": "observed", "mean_age_days": None},
    ]


def participation() -> Rows:
    """FULL: 30 of 40 asked never answered; of 20 suggestions 5 were adopted."""
    surveys = {"surveys_asked": 80, "surveys_answered": 16, "answer_share": 0.2, "customers": 90}
    people = {"customers_asked": 40, "customers_silent": 30, "silent_share": 0.75, "customers_rated": 50}
    proposed = {"suggestions": 25, "suggestions_judged": 20, "suggestions_adopted": 5, "adopted_share": 0.25}
    others = {"customers_suggesting": 18, "complaints": 7, "customers_demanding": 4}
    row = {"brand": FULL, "min_purchases": 3, "window_days": 30} | surveys | people | proposed | others
    return [row | {"segment_code": HOSTILE_ISSUE}, row | {"segment_code": "all"}]


def rfm() -> Rows:
    """FULL: six customers, two of them in the best fifths."""
    row = {"brand": FULL, "currency": "EUR", "customers": 6, "monetary_score": 3}
    ranks = ((5, 5), (5, 5), (4, 1), (3, 2), (2, 3), (1, 4))
    return [
        row
        | {"customer_id": f"c{number}", "recency_score": recency, "frequency_score": frequency}
        | {"recency_days": 10 * (6 - recency), "purchases": frequency, "spend": 20 * frequency}
        for number, (recency, frequency) in enumerate(ranks)
    ]


def journeys() -> Rows:
    """FULL: in May 6 of 100 episodes broke, in June 4 of 80; 53 of 150 went on from the purchase."""
    rows: list[dict[str, Any]] = []
    for month, stages in (
        (5, {"during": (60, 0, 80, 32), "after": (40, 6, None, None)}),
        (6, {"during": (50, 1, 70, 21), "after": (30, 3, None, None)}),
    ):
        cell = {"brand": FULL, "period_month": date(2026, month, 1), "open_episodes": 2, "journey_window_days": 14}
        cell["episodes"] = sum(ended for ended, *_ in stages.values())
        rows.append(cell | {"journey_stage": "before", "is_observed": False})
        for stage, (ended, broken, judged, went_on) in stages.items():
            counts = {"passing": ended, "ended": ended, "broken": broken, "judged": judged, "went_on": went_on}
            share = {"went_on_share": went_on / judged, "hours_to_next_median": 30.5} if judged and went_on else {}
            rows.append(cell | counts | share | {"journey_stage": stage, "is_observed": True})
    return rows


def journey_paths() -> Rows:
    """FULL in June: 50 of 80 episodes took one path, 30 a hostile one; they ended at two touchpoints."""
    cell = {"brand": FULL, "period_month": date(2026, 6, 1), "codes": 1, "all_episodes": 80, "journey_window_days": 14}
    parts = (
        ("path", "store_purchase", 50, 1),
        ("path", HOSTILE_ISSUE, 27, 3),
        ("path", "other", 3, 0),
        ("last_touchpoint", "store_purchase", 50, 1),
        ("last_touchpoint", "service_call", 30, 3),
    )
    return [
        cell | {"aspect": aspect, "code": code, "episodes": episodes, "broken": broken, "frequency_rank": rank}
        for rank, (aspect, code, episodes, broken) in enumerate(parts)
    ]


def interaction() -> Rows:
    """FULL: of 40 and 60 cases closed 20 and 45 were put right without a turn; nobody records who wrote in a third."""
    rows: list[dict[str, Any]] = []
    for month, recorded, silent in ((5, 40, 20), (6, 60, 45)):
        cell = {"brand": FULL, "period_month": date(2026, month, 1), "closed": recorded + 5, "recorded": recorded}
        cell |= {"customer_turns": 50, "customer_turns_mean": 50 / recorded, "updates": 80, "open_hours": 2000}
        cell |= {"updates_per_open_hour": 0.04, "silent": silent, "silent_share": silent / recorded}
        cell |= {"silent_share_lower": silent / recorded - 0.1, "silent_share_upper": silent / recorded + 0.1}
        rows += [cell | {"channel": channel} for channel in ("all", HOSTILE_CHANNEL)]
    return rows


def visible_results() -> Rows:
    """FULL: of 100 and 60 judged episodes 12 and 8 were reviewed; nobody ever sent a picture."""
    rows: list[dict[str, Any]] = []
    for month, judged, reviewed in ((4, 100, 12), (5, 60, 8)):
        cell = {"brand": FULL, "period_month": date(2026, month, 1), "episodes": judged, "judged": judged}
        cell |= {"reviewed": reviewed, "commented": reviewed - 4, "closed_cases": 30, "messaged_cases": 15}
        rows += [cell | {"word_of_mouth_days": 30, "channel": channel} for channel in ("all", HOSTILE_CHANNEL)]
    return rows


def service_preparation() -> Rows:
    """FULL: of 40 and 60 judged items 30 and 54 were ready, 20 more for nobody; looks at records are not recorded."""
    rows: list[dict[str, Any]] = []
    for month, judged, prepared in ((5, 40, 30), (6, 60, 54)):
        cell = {"brand": FULL, "period_month": date(2026, month, 1)}
        lists = cell | {"required": judged + 10, "judged": judged, "prepared": prepared}
        rows += [
            lists | {"unit_type": unit_type, "unit_id": unit_id, "kind": kind}
            for unit_type, unit_id in (("all", "all"), ("location", HOSTILE_QUEUE))
            for kind in ("all", "mindset")
        ]
        rows.append(cell | {"unit_type": "all", "unit_id": "all", "kind": "record_viewed", "required": 9, "judged": 9})
    return rows


def follow_up() -> Rows:
    """FULL: of 40 and 60 cases closed 20 and 35 had code and note; nobody there records a look at a record."""
    rows: list[dict[str, Any]] = []
    for month, closed, documented in ((5, 40, 20), (6, 60, 35)):
        cell = {"brand": FULL, "period_month": date(2026, month, 1), "issue_code": "all", "refresh_days": 7}
        cell |= {"next_days": 30, "closed": closed, "coded": closed - 5, "noted": documented, "documented": documented}
        cell |= {"refresh_judged": closed, "refreshed": 10, "next_judged": closed, "next_contacts": 20}
        cell |= {"asking_known": 12, "not_asked_again": 11}
        rows += [cell | {"channel": channel} for channel in ("all", HOSTILE_CHANNEL)]
    return rows


def touchpoint_map() -> Rows:
    """FULL in June: of 60 calls 6 failed, 2 of 50 episodes broke there; a hostile type met three times."""
    month = {"brand": FULL, "period_month": date(2026, 6, 1), "journey_stage": "after", "all_episodes": 80}
    calls = {"touches": 60, "people": 40, "touches_of_unknown": 5, "waits": 60, "failed": 6, "failure_share": 0.1,
             "episodes": 50, "drop_offs": 2, "surveys": 30, "responses": 12, "satisfied": 9}  # fmt: skip
    return [
        month | calls | {"touchpoint_code": "service_call", "channel": "phone"},
        month | {"touchpoint_code": HOSTILE_ISSUE, "channel": HOSTILE_CHANNEL, "touches": 3, "failed": 1},
    ]


def employee_flywheel() -> Rows:
    """FULL: 12 of 15 surveys answered, 70 points on average; another team has too few, nobody records courses."""
    cell = {"brand": FULL, "period": "all", "suggestion_window_days": 30, "leavers": 2, "suggestions": 4, "adopted": 1}
    tenure = {
        "employees": 10,
        "tenure_mean": 14.5,
        "leaving_share": 0.2,
        "asked": 15,
        "answers": 12,
        "answer_share": 0.8,
    }
    mood = {"mood_mean": 70, "mood_mean_lower": 62, "mood_mean_upper": 78, "closers_known": 8, "first_share": 0.5}
    return [
        cell | tenure | mood | {"team": "all"},
        cell | tenure | mood | {"team": "all", "period": "2026-05"},
        cell | {"team": HOSTILE_QUEUE, "employees": 3, "asked": 3, "answers": 2, "closers_known": 0, "leavers": 0},
    ]


def employee_survival() -> Rows:
    """FULL: of ten one left within the first month, another in the third; from the fourth on there are too few."""
    cell = {"brand": FULL, "team": "all"}
    first = {"survival": 0.9, "survival_lower": 0.473, "survival_upper": 0.9853, "standard_error": 0.0949}
    return [
        cell | first | {"duration_months": 0, "at_risk": 10, "events": 1, "censored": 3},
        cell | first | {"duration_months": 2, "at_risk": 6, "events": 1, "censored": 2, "survival": 0.75},
        cell | {"duration_months": 4, "at_risk": 3, "events": 0, "censored": 3},
    ]


def employee_scorecards() -> Rows:
    """FULL: of three employees one is below all others in returns and one above in time; one has too few contacts."""
    cell = {"brand": FULL, "period": "all", "mix_covered": 0.6}
    mean = {"adjusted": 0.7, "adjusted_lower": 0.6, "adjusted_upper": 0.8, "brand_value": 0.72, "standing": "overlaps"}
    low = mean | {"adjusted": 0.5, "adjusted_lower": 0.4, "adjusted_upper": 0.6, "standing": "below"}
    slow = {"adjusted": 420, "adjusted_lower": 380, "adjusted_upper": 460, "brand_value": 300, "standing": "above"}
    usual = {"adjusted": 290, "adjusted_lower": 260, "adjusted_upper": 320, "brand_value": 300, "standing": "overlaps"}
    returns = cell | {"measure": "no_return"}
    time = cell | {"measure": "handle_seconds"}
    return [
        returns | low | {"employee_id": HOSTILE_QUEUE, "n": 60, "total": 30},
        returns | mean | {"employee_id": "e2", "n": 50, "total": 35},
        returns | {"employee_id": "e3", "n": 3, "total": 2},
        time | slow | {"employee_id": "e2", "n": 80, "total": 33600},
        time | usual | {"employee_id": HOSTILE_QUEUE, "n": 90, "total": 26100},
    ]


def empowerment() -> Rows:
    """FULL: 24 of 40 put right by the first, 18 of 25 late ones and 6 of 15 others, which have no limits."""
    rows = []
    for kind, known, first, used in (("late", 25, 18, 0.5), (HOSTILE_ISSUE, 15, 6, None), ("all", 40, 24, 0.5)):
        shares = {"closers_known": known, "closed_by_first": first, "first_share": first / known}
        limits = {"limits_known": 10 if used else 0, "spent": 100 if used else 0, "own_limit": 200 if used else 0}
        hours = {"hours_alone": 2.25, "hours_approved": 5.5, "approval_hours": 3.25}
        bounds = {"approval_hours_lower": 1.25, "approval_hours_upper": 5.25, "limit_used": used}
        decided = {"decided_alone": known - 5, "decided_approved": 6, "over_limit": 1 if used else 0}
        cell = {"brand": FULL, "period": "all", "failure_type": kind, "recoveries": known + 2, "currency": "EUR"}
        rows.append(cell | shares | limits | hours | bounds | decided)
    return rows


def coverage() -> Rows:
    """Of 100 calls 80 came in open hours; of 20 visits to a channel with a hostile name 12 were contained."""
    cell = {"brand": FULL, "period": "all", "hour_of_week": "all", "window_days": 7}
    calls = {"contacts": 100, "hours_known": 100, "in_hours": 80, "out_of_hours": 20, "open_share": 0.8}
    calls |= {"open_share_lower": 0.7112, "open_share_upper": 0.8666}
    visits = {"contacts": 20, "hours_known": 0, "in_hours": 0, "out_of_hours": 0, "judged": 20, "unattended": 20}
    visits |= {"contained": 12, "containment_share": 0.6}
    every = calls | {"contacts": 120, "judged": 96, "unattended": 20, "contained": 12, "containment_share": 0.125}
    return [
        cell | every | {"channel": "all", "containment_share_lower": 0.07, "containment_share_upper": 0.21},
        cell | calls | {"channel": "phone", "judged": 76, "unattended": 0, "contained": 0, "containment_share": 0},
        cell | visits | {"channel": HOSTILE_CHANNEL},
        cell | calls | {"channel": "all", "hour_of_week": "7-22"},
    ]


def place_coverage() -> Rows:
    """FULL: of 100 cases 80 named an open place, of the others 5 came on holidays; 10 name one that tells no hours."""
    cell = {"brand": FULL, "period": "all", "hour_of_week": "all"}
    known = {"contacts": 100, "hours_known": 100, "in_hours": 80, "out_of_hours": 20, "on_holidays": 5}
    known |= {"open_share": 0.8, "open_share_lower": 0.7112, "open_share_upper": 0.8666}
    door = {"door_contacts": 303, "door_hours_known": 303, "door_out_of_hours": 3}
    nothing = {"contacts": 10, "hours_known": 0, "in_hours": 0, "out_of_hours": 0, "on_holidays": 0}
    shut = {"door_contacts": 50, "door_hours_known": 0, "door_out_of_hours": 0}
    return [
        cell | known | door | {"location_key": "all", "contacts": 110, "door_contacts": 353},
        cell | known | door | {"location_key": HOSTILE_QUEUE},
        cell | known | door | {"location_key": HOSTILE_QUEUE, "period": "2026-05"},
        cell | known | door | {"location_key": HOSTILE_QUEUE, "hour_of_week": "7-22"},
        cell | known | door | {"location_key": "all", "hour_of_week": "7-22"},
        cell | nothing | shut | {"location_key": "till/2"},
    ]


def management_presence() -> Rows:
    """FULL: in two months of three executives 4 visits of 9 hours in all, and one of somebody else."""
    rows = []
    for period, months, visits in (("2026-04", 3, 4), ("2026-05", 3, 0), ("all", 6, 4)):
        ratios = {"visits_per_executive_month": 4 / 6, "hours_per_executive_month": 1.5} if months > 5 else {}
        counts = {"executive_months": months, "visits": visits, "visit_seconds": 8100 * visits, "visits_of_others": 1}
        rows += [{"brand": FULL, "period": period, "activity": kind} | counts | ratios for kind in ("floor", "all")]
    return rows


def presence_effect() -> Rows:
    """FULL: days at standard rose by .15 more at 3 visited stores than at 5 others; 2 queues are too few."""
    cell = {"brand": FULL, "comparison_window_weeks": 4, "units_open": 0}
    shares = {"visited_before": 0.6, "visited_after": 0.8, "unvisited_before": 0.7, "unvisited_after": 0.75}
    bounds = {"effect": 0.15, "effect_lower": 0.05, "effect_upper": 0.25, "is_clear": True}
    stores = {"unit_type": "location", "units_visited": 4, "units_compared": 3, "units_unvisited": 5}
    queues = {"unit_type": "queue", "units_visited": 1, "units_compared": 1, "units_unvisited": 1}
    return [cell | stores | shares | bounds, cell | queues | {"uncompared_because": "too_few_units"}]


def role_models() -> Rows:
    """FULL: peers greet more often by .15 beyond 5 other stores; names are too new; an agent is praised for nothing."""
    none = ("recognitions_unplaced", "units_open", "units_compared", "units_without", "peer_looks", "other_looks")
    own = {f"own_{part}_{side}": 0 for part in ("looks", "kept") for side in ("before", "chosen", "after")}
    cell = {"brand": FULL, "recognitions": 1, "role_models": 1, "units_recognised": 1}
    cell |= {"comparison_window_weeks": 4, "recognition_weeks": 2}
    cell |= dict.fromkeys(none, 0) | own
    shares = {"peers_before": 0.6, "peers_after": 0.8, "others_before": 0.7, "others_after": 0.75}
    bounds = {"effect": 0.15, "effect_lower": 0.05, "effect_upper": 0.25, "is_clear": True}
    greet = {"practice": "crm/greet", "standard_code": "greet", "recognitions": 3, "units_recognised": 2}
    looks = {"units_compared": 2, "units_without": 5, "peer_looks": 120, "own_looks_before": 10, "own_looks_after": 12}
    change = {"own_kept_before": 9, "own_kept_after": 6, "own_change": -0.4}
    change |= {"own_change_lower": -0.66, "own_change_upper": -0.01}
    new = {"practice": "crm/name", "standard_code": "name", "units_open": 1, "uncompared_because": "window_open"}
    agent = {"practice": "all", "recognitions_unplaced": 1, "units_recognised": 0, "uncompared_because": "not_placed"}
    return [cell | greet | looks | shares | bounds | change, cell | new, cell | agent]


def all_marts() -> dict[str, Rows]:
    """Every mart that holds rows."""
    return {
        "rpt_contact_center_days": contact_days(),
        "rpt_contact_center_intervals": intervals(),
        "rpt_demand_and_staffing": staffing(),
        "rpt_first_contact_resolution": first_contacts(),
        "rpt_channel_consistency": consistency(),
        "rpt_channel_pairs": channel_pairs(),
        "rpt_channel_coverage": coverage(),
        "rpt_issue_mix_consistency": issue_mixes(),
        "rpt_location_coverage": place_coverage(),
        "rpt_customer_consistency": customer_pairs(),
        "rpt_price_parity": price_parity(),
        "rpt_answer_parity": answer_parity(),
        "rpt_answer_shares": answer_shares(),
        "rpt_retention_cohorts": cohorts(),
        "rpt_retention_curves": returns(),
        "rpt_survival": survival(),
        "rpt_customer_value": customer_values(),
        "rpt_purchase_models": purchase_models(),
        "rpt_recovery": recovery(),
        "rpt_complaint_handling": complaints(),
        "rpt_same_day": same_day(),
        "rpt_reviews": reviews(),
        "rpt_referrals": referrals(),
        "rpt_top_box": top_box(),
        "rpt_top_box_loyalty": top_box_loyalty(),
        "rpt_recovery_paradox": recovery_paradox(),
        "rpt_promises": promises(),
        "rpt_open_promises": open_promises(),
        "rpt_waiting": waiting(),
        "rpt_customer_effort": effort(),
        "rpt_efficiency": efficiency(),
        "rpt_effort_scores": effort_scores(),
        "rpt_priorities": priorities(),
        "rpt_defection": defection(),
        "rpt_failure_demand": failure_demand(),
        "rpt_follow_up": follow_up(),
        "rpt_service_preparation": service_preparation(),
        "rpt_visible_results": visible_results(),
        "rpt_interaction": interaction(),
        "rpt_journeys": journeys(),
        "rpt_journey_paths": journey_paths(),
        "rpt_service_pnl": service_pnl(),
        "rpt_delivered_value": delivered_value(),
        "rpt_touchpoint_map": touchpoint_map(),
        "rpt_service_profit_chain": profit_chain(),
        "rpt_customer_flywheel": customer_flywheel(),
        "rpt_standard_attainment": standard_attainment(),
        "rpt_standards_continuity": standard_days(),
        "rpt_service_levels": service_levels(),
        "rpt_improvement_loop": improvements(),
        "rpt_service_launches": launches(),
        "rpt_service_gaps": service_gaps(),
        "rpt_expectations": expectations(),
        "rpt_next_need": next_needs(),
        "rpt_customer_next_needs": customer_needs(),
        "rpt_rfm": rfm(),
        "rpt_participation": participation(),
        "rpt_preferences": preferences(),
        "rpt_segment_fit": segment_fit(),
        "rpt_segment_standards": segment_standards(),
        "rpt_contact_pressure": contact_pressure(),
        "rpt_employee_flywheel": employee_flywheel(),
        "rpt_employee_survival": employee_survival(),
        "rpt_employee_scorecards": employee_scorecards(),
        "rpt_empowerment": empowerment(),
        "rpt_management_presence": management_presence(),
        "rpt_presence_effect": presence_effect(),
        "rpt_role_models": role_models(),
        "fct_surveys": surveys(),
        "fct_touchpoints": touchpoints(),
        "fct_transactions": transactions(),
    }


AS_OFS = {FULL: AS_OF, QUIET: AS_OF, HOSTILE_BRAND: AS_OF}
