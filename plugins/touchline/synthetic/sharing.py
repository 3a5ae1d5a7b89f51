"""Identifiers that are not one person's alone: phones of households and switchboards, recycled values."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between
from touchline.synthetic.people import Former, Person, phone_numbers


@dataclass
class Sharing:
    """The values planted. A recycled one shows with both people only if the earlier one gave it in time."""

    household_phones: list[str] = field(default_factory=list)
    switchboard_phones: list[str] = field(default_factory=list)
    recycled_emails: list[str] = field(default_factory=list)
    recycled_phones: list[str] = field(default_factory=list)


def share_identifiers(people: list[Person], rng: np.random.Generator) -> Sharing:
    """Plant shared and recycled identifiers on people who have others that tell them apart."""
    planted = Sharing()
    able = [person for person in people if person.contact_id and person.crm_email == person.email]
    able = [able[index] for index in rng.permutation(len(able)).tolist() if not able[index].gives_store_phone]
    switchboards = max(1, len(people) // world.PEOPLE_PER_SWITCHBOARD)
    sizes = [world.SWITCHBOARD_SIZE] * switchboards
    while sum(sizes[switchboards:]) < len(people) * world.HOUSEHOLD_SHARE:
        sizes.append(between(rng, 2, 3))
    phones = phone_numbers(len(people) + len(sizes))[len(people) :]
    planted.switchboard_phones, planted.household_phones = phones[:switchboards], phones[switchboards:]
    for phone, size in zip(phones, sizes, strict=True):
        for person in able[:size]:
            person.shared_phone = person.crm_phone = phone
        del able[:size]
    free = [person for person in able if person.loyalty_id]
    pairs = max(1, round(len(people) * world.RECYCLED_SHARE))
    for earlier, later, until in _pairs(free[: 2 * pairs]):
        earlier.former_email = Former(later.email, until)
        planted.recycled_emails.append(later.email)
    for earlier, later, until in _pairs(free[2 * pairs : 4 * pairs]):
        earlier.former_phone = Former(later.phone, until)
        planted.recycled_phones.append(later.phone)
    return planted


def _pairs(people: list[Person]) -> Iterator[tuple[Person, Person, int]]:
    """Pairs by order of joining, with the day before the later one joined: until then the earlier one may use it."""
    for one, other in zip(people[::2], people[1::2], strict=False):
        earlier, later = sorted((one, other), key=lambda person: person.joined_day)
        until = int(later.joined_day) - 1
        if until > earlier.joined_day:
            yield earlier, later, until
