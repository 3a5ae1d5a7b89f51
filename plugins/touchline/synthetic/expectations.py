"""What customers expect and perceive (SERVQUAL: both sides and weights), and what managers believe they expect."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance
from touchline.synthetic.people import Person
from touchline.synthetic.render import Row, day, flag, instant, number

ITEMS_PER_DIMENSION = 2
SIDES = ("expectation", "perception")


@dataclass
class Asked:
    """Responses, their items and the managers' beliefs as export rows, with the sums realised by dimension."""

    responses: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    beliefs: list[Row] = field(default_factory=list)
    realised: dict[str, dict[str, int]] = field(default_factory=dict)


def ask_customers(people: list[Person], rng: np.random.Generator, window: world.Window) -> Asked:
    """Ask some of the contacts once; a score is one of the two whole points around the mean of its dimension."""
    asked = Asked()
    for person in people:
        if person.contact_id is None or not chance(rng, world.SERVQUAL_SHARE):
            continue
        sent_at = between(rng, person.joined_at, window.stop - 1)
        answered = window.if_closed(sent_at + between(rng, 900, 3 * world.DAY))
        if person.joined_at < window.stop and answered is not None:
            _answer(asked, person, sent_at, answered, rng)
    asked.beliefs = [
        {
            "dimension": dimension,
            "segment_code": segment,
            "recorded_on": day(window.start),
            "expected_score": str(planted.believed),
            "scale_min": "1",
            "scale_max": "7",
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for dimension, planted in world.SERVQUAL.items()
        for segment in world.SEGMENT_MIX
    ]
    return asked


def _answer(asked: Asked, person: Person, sent_at: int, answered: int, rng: np.random.Generator) -> None:
    common = {"source_updated_at": instant(answered), "is_deleted": flag(False)}
    response_id = f"SQ{len(asked.responses) + 1:07d}"
    asked.responses.append(
        {
            "response_id": response_id,
            "survey_type": "servqual",
            "survey_version": "v1",
            "contact_id": person.contact_id or "",
            "sent_at": instant(sent_at),
            "responded_at": instant(answered),
            "survey_channel": "email",
            "scale_min": "1",
            "scale_max": "7",
            "higher_is_better": flag(True),
        }
        | common
    )
    for dimension, planted in world.SERVQUAL.items():
        counts = asked.realised.setdefault(dimension, {"answers": 0, "expectation": 0, "perception": 0})
        item = common | {"response_id": response_id, "dimension": dimension}
        code = dimension[:3].upper()
        for place in range(1, ITEMS_PER_DIMENSION + 1):
            counts["answers"] += 1
            for side, mean in zip(SIDES, (planted.expected, planted.perceived), strict=True):
                score = int(mean) + chance(rng, mean - int(mean))
                counts[side] += score
                asked.items.append(item | {"item_code": f"{code}{place}", "side": side, "score": number(score)})
        asked.items.append(item | {"item_code": f"{code}W", "side": "weight", "score": number(planted.weight)})
