"""When the contact centre is open, and what people settle by themselves: self-service visits with a known outcome."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.people import Person
from touchline.synthetic.render import Row, day, flag, instant, number
from touchline.synthetic.threads import Contact
from touchline.synthetic.voice import Leg

ZONE = ZoneInfo("America/New_York")
WEEKDAYS_OPEN, SATURDAY_OPEN = ((9, 12), (13, 17)), ((10, 14),)
# Visits a person is drawn for, P(a visit is to be followed by no contact within CONTAINMENT_DAYS).
VISITS, CONTAINED_SHARE, CONTAINMENT_DAYS = 2, 0.60, 7
CHANNELS = ("web", "app")


@dataclass
class SelfService:
    """Visits as export rows, and how many of closed window there were, and of these were contained."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(default_factory=lambda: {"judged": 0, "contained": 0})


def queue_hour_rows(window: world.Window) -> list[Row]:
    """Return the hours of every queue: Monday to Friday with a break, Saturday, never on Sunday."""
    return [
        {
            "queue_id": queue,
            "weekday": number(weekday),
            "opens": f"{opens:02d}:00",
            "closes": f"{closes:02d}:00",
            "valid_from": day(window.start - world.DAY),
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for queue in world.QUEUES
        for weekday in range(1, 7)
        for opens, closes in _windows(weekday)
    ]


def demand_truth(legs: list[Leg]) -> dict[str, int]:
    """Count inbound calls, and those that came while their queue was open."""
    calls = [leg for leg in legs if leg.method == "inbound"]
    return {"calls": len(calls), "in_hours": sum(map(_is_open, calls))}


def visit_self_service(
    people: list[Person], contacts: list[Contact], rng: np.random.Generator, window: world.Window
) -> SelfService:
    """Draw visits of known people: contained ones keep clear of their contacts, the others precede one they write."""
    found = SelfService()
    own: dict[int, list[Contact]] = defaultdict(list)
    for contact in contacts:
        own[contact.person.number].append(contact)
    for person in people:
        if person.contact_id is None or person.second_contact_id:
            continue
        for _ in range(VISITS):
            is_contained = chance(rng, CONTAINED_SHARE)
            at = _moment(person, own[person.number], rng, window, is_contained=is_contained)
            if at is not None:
                found.rows.append(_visit(person, at, len(found.rows), rng))
                is_judged = at + CONTAINMENT_DAYS * world.DAY <= window.stop - world.DAY
                found.realised["judged"] += is_judged
                found.realised["contained"] += is_judged and is_contained
    return found


def _moment(
    person: Person, contacts: list[Contact], rng: np.random.Generator, window: world.Window, *, is_contained: bool
) -> int | None:
    """Return an instant after which the person comes within a week, or does not; None if none was found."""
    last = window.stop - 1
    if person.joined_at >= last:
        return None
    if is_contained:
        at = between(rng, person.joined_at, last)
        # whoever gave up waiting had called some hours before the call that counts
        until = at + (CONTAINMENT_DAYS + 1) * world.DAY
        return None if any(at - world.DAY < one.started_at <= until for one in contacts) else at
    written = [one for one in contacts if one.channel != "voice"]
    if not written:
        return None
    at = pick(rng, written).started_at - between(rng, world.HOUR, (CONTAINMENT_DAYS - 1) * world.DAY)
    return at if at > person.joined_at else None


def _visit(person: Person, at: int, position: int, rng: np.random.Generator) -> Row:
    return {
        "event_id": f"DE{position + 1:07d}",
        "contact_id": person.contact_id or "",
        "channel": pick(rng, CHANNELS),
        "event_type": "self_service",
        "occurred_at": instant(at),
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }


def _windows(weekday: int) -> tuple[tuple[int, int], ...]:
    return SATURDAY_OPEN if weekday == 6 else WEEKDAYS_OPEN if weekday < 6 else ()


def _is_open(leg: Leg) -> bool:
    local = datetime.fromtimestamp(leg.initiated_at, ZONE)
    return any(opens <= local.hour < closes for opens, closes in _windows(local.isoweekday()))
