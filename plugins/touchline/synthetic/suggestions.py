"""What customers and employees propose, and what is adopted of it."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.people import Person
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.voice import agent_employee

TOPICS = ("packaging", "opening hours", "parking", "web search", "spare parts")


@dataclass
class Suggestions:
    """Suggestions as export rows, and the counts of customers' ones: all, of closed window, of these adopted."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("made", "judged", "adopted"), 0))


def make_suggestions(people: list[Person], rng: np.random.Generator, window: world.Window) -> Suggestions:
    """Draw the suggestions of some contacts and some of the agents; what is adopted is so within a few weeks."""
    found = Suggestions()
    for person in people:
        if person.contact_id is None or person.joined_at >= window.stop - 1 or not chance(rng, world.SUGGESTION_SHARE):
            continue
        for _ in range(between(rng, 1, 2)):
            made_at = between(rng, person.joined_at, window.stop - 1)
            is_adopted = _add(found, {"contact_id": person.contact_id}, made_at, rng, window)
            is_judged = made_at + world.SUGGESTION_DAYS * world.DAY <= window.stop
            found.realised["made"] += 1
            found.realised["judged"] += is_judged
            found.realised["adopted"] += is_judged and is_adopted
    for agent in range(1, world.AGENTS + 1):
        _add(found, {"employee_id": agent_employee(agent)}, between(rng, window.start, window.stop - 1), rng, window)
    return found


def _add(found: Suggestions, who: Row, made_at: int, rng: np.random.Generator, window: world.Window) -> bool:
    is_adopted = chance(rng, world.ADOPTED_SHARE)
    adopted_at = made_at + between(rng, world.DAY, (world.SUGGESTION_DAYS - 2) * world.DAY)
    known = window.if_closed(adopted_at) if is_adopted else None
    found.rows.append(
        who
        | {
            "suggestion_id": f"SG{len(found.rows) + 1:06d}",
            "channel": "web",
            "submitted_at": instant(made_at),
            "topic": pick(rng, TOPICS),
            "adopted_at": instant(known),
            "source_updated_at": instant(known or made_at),
            "is_deleted": flag(False),
        }
    )
    return is_adopted
