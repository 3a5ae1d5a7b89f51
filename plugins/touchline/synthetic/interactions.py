"""What passes while a case is open: customers who write again, employees who tell them more, issues that change."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.service import Case

WRITES_SHARE, TOLD_SHARE, CHANGED_SHARE = 0.35, 0.50, 0.10
"""P(the customer writes once or twice before the close), P(an employee tells more), P(the issue is changed)."""
COUNTS = ("closed", "wrote", "turns", "silent", "updates", "open_seconds", "issue_changed")


@dataclass
class Interactions:
    """Events of closed cases as export rows; ``realised`` counts all events until the close, those of others too."""

    events: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))


def talk(cases: list[Case], rng: np.random.Generator) -> Interactions:
    """Draw what customers and employees add to each closed case between its first answer and its close."""
    found = Interactions()
    for case in cases:
        if case.closed_at is None or case.first_response_at is None:
            continue
        since, until = case.first_response_at + 1, case.closed_at
        turns = between(rng, 1, 2) if chance(rng, WRITES_SHARE) else 0
        told, changed = chance(rng, TOLD_SHARE), chance(rng, CHANGED_SHARE)
        for _ in range(turns):
            found.events.append(_message(case, between(rng, since, until), "customer", case.contact_id))
        if told:
            found.events.append(_message(case, between(rng, since, until), "employee", case.owner))
        if changed:
            found.events.append(_change(case, between(rng, since, until), rng))
        own = [event for event in case.events if event.occurred_at <= until]
        turns_before = sum(event.actor_type == "customer" and event.event_type != "created" for event in own)
        counts = found.realised
        counts["closed"] += 1
        counts["wrote"] += turns > 0
        counts["turns"] += turns + turns_before
        counts["silent"] += not turns + turns_before
        counts["updates"] += told + sum(event.actor_type == "employee" and event.is_public for event in own)
        counts["open_seconds"] += until - case.created_at
        counts["issue_changed"] += changed
    for position, row in enumerate(found.events, start=1):
        row["event_id"] = f"EI{position:08d}"
    return found


def _message(case: Case, at: int, actor: str, who: str) -> Row:
    return _event(case, at) | {
        "event_type": "reply",
        "actor_type": actor,
        "actor_id": who,
        "is_public": flag(True),
    }


def _change(case: Case, at: int, rng: np.random.Generator) -> Row:
    issue = case.contact.issue
    return _event(case, at) | {
        "event_type": "issue_change",
        "actor_type": "employee",
        "actor_id": case.owner,
        "from_value": issue,
        "to_value": pick(rng, [other for other in world.ISSUE_MIX if other != issue]),
        "is_public": flag(False),
    }


def _event(case: Case, at: int) -> Row:
    return {
        "case_id": case.case_id,
        "occurred_at": instant(at),
        "channel": case.channel,
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }
