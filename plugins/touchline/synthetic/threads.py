"""Why people get in touch: issue threads of a first contact and planted repeat contacts.

Threads of one person and issue lie far enough apart that only planted repeats fall within seven days,
so first-contact resolution has a known true value per issue.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick
from touchline.synthetic.people import Person

ISSUES = Weighted(world.ISSUE_MIX)
CHANNELS = Weighted(world.CONTACT_CHANNEL_MIX)
QUIET_DAYS = 9
MAX_REPEATS = 3
# Between 13:00 and 22:00 UTC, so a gap of up to six days stays under seven and at least half a day.
OPENS, CLOSES = 13 * world.HOUR, 22 * world.HOUR


@dataclass
class Contact:
    """One inbound contact of a person about an issue; position 0 is the first of its thread."""

    person: Person
    issue: str
    channel: str
    started_at: int
    ended_at: int
    position: int
    previous: "Contact | None" = None
    next: "Contact | None" = None
    case_id: str = ""
    wants_case: bool = False
    answered_at: int | None = None
    employee_id: str = ""


def make_contacts(people: list[Person], rng: np.random.Generator, window: world.Window) -> list[Contact]:
    """Draw the contacts of all people in order of time."""
    contacts = [contact for person in people for contact in _contacts_of(person, rng, window)]
    contacts.sort(key=lambda contact: contact.started_at)
    return contacts


def _contacts_of(person: Person, rng: np.random.Generator, window: world.Window) -> list[Contact]:
    shape = world.THREAD_GAMMA_SHAPE
    rate = rng.gamma(shape, 1 / (shape * world.THREAD_MEAN_GAP_DAYS))
    contacts: list[Contact] = []
    quiet_from: dict[str, int] = {}
    moment = person.joined_day + 1
    while (moment := moment + float(rng.exponential(1 / rate))) < window.days:
        issue = ISSUES.draw(rng)
        if int(moment) < quiet_from.get(issue, 0):
            continue
        thread, last_day = _thread(person, issue, int(moment), rng, window)
        quiet_from[issue] = last_day + QUIET_DAYS
        contacts += thread
    return contacts


def _thread(
    person: Person, issue: str, day: int, rng: np.random.Generator, window: world.Window
) -> tuple[list[Contact], int]:
    """Return the thread's contacts inside the window and the day of its last contact, inside or not."""
    channel = CHANNELS.draw(rng) if person.contact_id else "voice"
    thread: list[Contact] = []
    for position in range(MAX_REPEATS + 1):
        if position and not chance(rng, _repeat_probability(issue, position)):
            break
        if position:
            day += between(rng, 1, 6)
            channel = _repeat_channel(person, channel, rng)
        if day < window.days:
            started = window.start + day * world.DAY + between(rng, OPENS, CLOSES)
            thread.append(Contact(person, issue, channel, started, started, position))
    for earlier, later in pairwise(thread):
        earlier.next, later.previous = later, earlier
    return thread, day


def _repeat_probability(issue: str, position: int) -> float:
    """Return P(contact number ``position`` happens); after the first repeat it halves."""
    probability = world.REPEAT_WITHIN_7_DAYS[issue]
    return probability if position == 1 else probability / 2


def _repeat_channel(person: Person, channel: str, rng: np.random.Generator) -> str:
    """Return the channel of a repeat; it changes only where the sources can tell it is the same person."""
    if chance(rng, world.SAME_CHANNEL_REPEAT) or not (person.contact_id and person.is_phone_known):
        return channel
    return pick(rng, [other for other in world.CONTACT_CHANNEL_MIX if other != channel])


def first_contact_truth(contacts: list[Contact], window: world.Window) -> dict[str, dict[str, int]]:
    """Count per issue the first contacts whose seven days have passed, and those that came back."""
    truth = {
        issue: {"first_contacts": 0, "returned_within_7_days": 0, "returned_same_channel": 0}
        for issue in world.ISSUE_MIX
    }
    for contact in contacts:
        if contact.position or contact.ended_at + 7 * world.DAY > window.stop:
            continue
        counts = truth[contact.issue]
        counts["first_contacts"] += 1
        if contact.next:
            counts["returned_within_7_days"] += 1
            counts["returned_same_channel"] += _has_same_channel_return(contact)
    return truth


def _has_same_channel_return(first: Contact) -> bool:
    """Whether any later contact of the thread within seven days uses the first one's channel."""
    later = first.next
    while later and later.started_at <= first.ended_at + 7 * world.DAY:
        if later.channel == first.channel:
            return True
        later = later.next
    return False
