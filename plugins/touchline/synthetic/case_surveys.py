"""How easy customers found it to have a case solved: two questions, of which only one tells channels apart."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.service import Case

SCALE = (1, 5)
BY_ISSUE, BY_CHANNEL = "issue-1", "channel-1"
"""Versions of the question: its answers follow from the issue alone, or from the channel alone."""
SCORES = {
    BY_ISSUE: {
        "billing": (0.40, 0.30, 0.15, 0.10, 0.05),
        "delivery": (0.05, 0.10, 0.15, 0.30, 0.40),
        "product": (0.05, 0.15, 0.40, 0.25, 0.15),
        "account": (0.15, 0.20, 0.30, 0.20, 0.15),
    },
    BY_CHANNEL: {
        "phone": (0.10, 0.15, 0.20, 0.35, 0.20),
        "email": (0.30, 0.30, 0.20, 0.15, 0.05),
        "chat": (0.04, 0.06, 0.15, 0.30, 0.45),
    },
}
"""P(1 to 5)."""
ASKED_SHARE = {
    "phone": {"billing": 0.90, "delivery": 0.25, "product": 0.30, "account": 0.40},
    "email": {"billing": 0.25, "delivery": 0.90, "product": 0.30, "account": 0.40},
    "chat": {"billing": 0.30, "delivery": 0.30, "product": 0.90, "account": 0.90},
}
"""P(who had the case is asked the first question): each channel asks most about what it is proud of."""
ASKED_ALIKE_SHARE, ANSWER_SHARE = 0.50, 0.85
"""P(they are asked the second), whatever channel and issue; P(a question is answered)."""

Counts = dict[str, dict[str, dict[str, list[int]]]]
"""Version → channel → issue → answers with a score of 1 to 5."""


@dataclass
class CaseSurveys:
    """The surveys as export rows, and the answers given."""

    rows: list[Row] = field(default_factory=list)
    realised: Counts = field(default_factory=dict)


def ask_about_cases(cases: list[Case], rng: np.random.Generator, window: world.Window) -> CaseSurveys:
    """Draw who is asked either question within a day of the close, and what they answer within two more.

    The score is on a scale of its own, not that of CES 2.0 (1 to 7).
    """
    found = CaseSurveys()
    weighted = {
        version: {of: Weighted(dict(enumerate(shares, start=1))) for of, shares in scores.items()}
        for version, scores in SCORES.items()
    }
    for case in cases:
        if case.closed_at is None or not case.contact_id:
            continue
        issue, channel = case.contact.issue, case.channel
        asked = {BY_ISSUE: (ASKED_SHARE[channel][issue], issue), BY_CHANNEL: (ASKED_ALIKE_SHARE, channel)}
        for version, (share, cause) in asked.items():
            sent_at = case.closed_at + between(rng, 600, world.DAY)
            answered_at = sent_at + between(rng, 900, 2 * world.DAY)
            score = weighted[version][cause].draw(rng)
            is_asked, is_answered = chance(rng, share), chance(rng, ANSWER_SHARE)
            if not is_asked or sent_at >= window.stop:
                continue
            row = _asked(case, version, sent_at, len(found.rows) + 1)
            if is_answered and answered_at < window.stop:
                row |= {"responded_at": instant(answered_at), "score": number(score)}
                row["source_updated_at"] = row["responded_at"]
                issues = found.realised.setdefault(version, {}).setdefault(channel, {})
                issues.setdefault(issue, [0] * SCALE[1])[score - 1] += 1
            found.rows.append(row)
    return found


def _asked(case: Case, version: str, sent_at: int, position: int) -> Row:
    return {
        "response_id": f"SK{position:07d}",
        "survey_type": "ces",
        "survey_version": version,
        "contact_id": case.contact_id,
        "sent_at": instant(sent_at),
        "survey_channel": "email",
        "service_channel": case.channel,
        "touchpoint_ref_type": "case",
        "touchpoint_ref_id": case.case_id,
        "scale_min": number(SCALE[0]),
        "scale_max": number(SCALE[1]),
        "higher_is_better": flag(True),
        "source_updated_at": instant(sent_at),
        "is_deleted": flag(False),
    }
