"""How people feel about the company: less after each mishap, more after a good recovery than before it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.recoveries import Recovery
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.service import Case

VERSION = "feeling-1"
SCALE = (0, 100)
MIDDLE, NOISE = 80, 5
EVERY_DAYS, ANSWER_SHARE = 10, 0.60
MISHAP_COSTS, GOOD_RECOVERY_GIVES = 4, 6
"""Points of the scale. Whether and when people buy follows from neither."""

Turns = dict[int, list[tuple[int, int]]]
"""Person → instants at which their feeling changes, each with the points by which it does."""


@dataclass
class Feelings:
    """The surveys as export rows, and how many were sent and answered."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("sent", "answered"), 0))


def ask_feelings(
    people: list[Person],
    cases: list[Case],
    sales: list[Sale],
    recoveries: list[Recovery],
    rng: np.random.Generator,
    window: world.Window,
) -> Feelings:
    """Ask every contact each EVERY_DAYS how they feel about the company, 0 to 100."""
    turns = _turns(cases, sales, recoveries)
    feelings = Feelings()
    for person in people:
        if person.contact_id is None:
            continue
        first = person.joined_at + between(rng, world.DAY, EVERY_DAYS * world.DAY)
        for sent_at in range(first, window.stop, EVERY_DAYS * world.DAY):
            answered_at = sent_at + between(rng, 900, world.DAY)
            noise = between(rng, -NOISE, NOISE)
            is_answered = chance(rng, ANSWER_SHARE) and answered_at < window.stop
            points = MIDDLE + noise + sum(by for at, by in turns[person.number] if at < answered_at)
            row = _asked(person, sent_at, len(feelings.rows))
            feelings.rows.append(row | _answer(points, answered_at) if is_answered else row)
            feelings.realised["sent"] += 1
            feelings.realised["answered"] += is_answered
    return feelings


def _turns(cases: list[Case], sales: list[Sale], recoveries: list[Recovery]) -> Turns:
    """Every complaint, and every late order under recovery, is a mishap; what was accepted is a good recovery."""
    complained = {case.case_id: case for case in cases if case.kind == "complaint"}
    late = {sale.transaction_id: sale for sale in sales}
    turns: Turns = defaultdict(list)
    for case in complained.values():
        turns[case.contact.person.number].append((case.created_at, -MISHAP_COSTS))
    for recovery in recoveries:
        own = complained.get(recovery.row.get("case_id", ""))
        person = own.contact.person if own else late[recovery.row["ref_id"]].person
        if person is None:
            continue
        if own is None:
            turns[person.number].append((_epoch(recovery.row["detected_at"]), -MISHAP_COSTS))
        if recovery.outcome == "accepted":
            turns[person.number].append((_epoch(recovery.row["completed_at"]), GOOD_RECOVERY_GIVES))
    return turns


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _answer(points: int, answered_at: int) -> Row:
    # an answer at or below two fifths of its scale would be a mishap of its own
    score = min(max(points, SCALE[1] * 2 // 5 + 1), SCALE[1])
    at = instant(answered_at)
    return {"responded_at": at, "score": number(score), "source_updated_at": at}


def _asked(person: Person, sent_at: int, position: int) -> Row:
    return {
        "response_id": f"SF{position + 1:07d}",
        "survey_type": "csat",
        "survey_version": VERSION,
        "contact_id": person.contact_id or "",
        "sent_at": instant(sent_at),
        "survey_channel": "email",
        "scale_min": number(SCALE[0]),
        "scale_max": number(SCALE[1]),
        "higher_is_better": flag(True),
        "source_updated_at": instant(sent_at),
        "is_deleted": flag(False),
    }
