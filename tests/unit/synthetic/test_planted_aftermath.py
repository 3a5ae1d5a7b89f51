"""After a mishap: feelings fall and rise as planted, and what is made good on its business day is as counted."""

from collections import defaultdict
from datetime import datetime
from math import sqrt
from statistics import fmean, stdev
from typing import Any

Answers = list[tuple[datetime, int]]


def answers_by_contact(world: Any) -> dict[str, Answers]:
    found: dict[str, Answers] = defaultdict(list)
    for row in world.rows("service_crm", "survey_responses"):
        if row["survey_version"] == "feeling-1" and row["score"]:
            found[row["contact_id"]].append((datetime.fromisoformat(row["responded_at"]), int(row["score"])))
    return {contact: sorted(own) for contact, own in found.items()}


def test_feelings_are_sent_and_answered_as_counted(world: Any) -> None:
    rows = [row for row in world.rows("service_crm", "survey_responses") if row["survey_version"] == "feeling-1"]
    realised = world.truth["recovery_paradox"]["realised"]
    assert (len(rows), sum(bool(row["score"]) for row in rows)) == (realised["sent"], realised["answered"])
    assert all(int(row["score"]) > 40 for row in rows if row["score"])


def test_the_first_complaint_costs_as_many_points_as_planted(world: Any) -> None:
    """Answers before a contact's first complaint or recovery against those after it that no other followed."""
    planted = world.truth["recovery_paradox"]["planted"]
    recovered = {row["case_id"]: row for row in world.rows("service_crm", "recoveries") if row["case_id"]}
    complaints = defaultdict(list)
    for row in world.rows("service_crm", "cases"):
        if row["case_kind"] == "complaint":
            complaints[row["contact_id"]].append((datetime.fromisoformat(row["created_at"]), row["case_id"]))
    changes = []
    for contact, answers in answers_by_contact(world).items():
        own = sorted(complaints[contact])
        if not own or own[0][1] in recovered:
            continue
        until = own[1][0] if len(own) > 1 else datetime.max.replace(tzinfo=own[0][0].tzinfo)
        before = [score for at, score in answers if at < own[0][0]]
        after = [score for at, score in answers if own[0][0] < at < until]
        if before and after:
            changes.append(after[0] - before[-1])
    assert len(changes) > 20
    error = stdev(changes) / sqrt(len(changes))
    # late orders under recovery, which a few of them met besides, count as much
    assert abs(fmean(changes) - planted["mishap"]) <= 3.291 * error + 0.5


def test_some_are_made_good_the_same_day_and_some_are_not(world: Any) -> None:
    counts = world.truth["same_day"]
    assert 0 < counts["same_day"] < counts["judged"] <= len(world.rows("service_crm", "recoveries"))
