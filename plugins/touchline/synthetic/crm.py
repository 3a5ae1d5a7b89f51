"""The CRM's contacts, their duplicates and merges, and segment memberships."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick
from touchline.synthetic.people import Person, email_as_typed, phone_as_typed
from touchline.synthetic.render import Row, day, flag, instant, number

SEGMENTS = Weighted(world.SEGMENT_MIX)
PREFERRED = Weighted({"email": 0.5, "phone": 0.3, "chat": 0.2})


@dataclass
class Directory:
    """The rows of the CRM's people tables, and how many duplicates were planted of which sort."""

    contacts: list[Row]
    merges: list[Row]
    memberships: list[Row]
    merged_duplicates: int = 0
    same_email_duplicates: int = 0
    mistaken_merges: int = 0


def make_directory(people: list[Person], rng: np.random.Generator, window: world.Window) -> Directory:
    """Draw contacts, duplicates, merges and segments; sets ``second_contact_id`` of duplicated people."""
    directory = Directory([], [], [])
    known = [person for person in people if person.contact_id]
    for person in known:
        joined = _created_at(person, rng, window)
        row = _contact(person, joined, rng)
        row["segment_code"] = _memberships(directory, row["contact_id"], joined, rng, window)
        directory.contacts.append(row)
        if chance(rng, world.SECOND_CONTACT_SHARE):
            person.second_contact_id = f"003{len(people) + person.number:07d}"
            _duplicate(directory, person, row, joined, rng, window)
    _merge_by_mistake(directory, known, rng, window)
    directory.contacts.sort(key=lambda row: (row["created_at"], row["contact_id"]))
    directory.merges.sort(key=lambda row: row["merged_at"])
    return directory


def _created_at(person: Person, rng: np.random.Generator, window: world.Window) -> int:
    return min(window.stop - 1, person.joined_at + between(rng, 60, world.HOUR))


def _contact(person: Person, created_at: int, rng: np.random.Generator) -> Row:
    in_loyalty = person.loyalty_id is not None and chance(rng, 0.8)
    return {
        "contact_id": person.contact_id or "",
        "full_name": person.full_name,
        "email": email_as_typed(person.crm_email, rng) if person.crm_email else "",
        "phone": phone_as_typed(person.crm_phone, rng) if person.crm_phone else "",
        "loyalty_id": (person.loyalty_id or "") if in_loyalty else "",
        "birth_year": number(person.birth_year) if chance(rng, 0.6) else "",
        "postal_code": person.postal_code,
        "created_at": instant(created_at),
        "preferred_channel": PREFERRED.draw(rng),
        "consent_marketing": flag(chance(rng, 0.6)),
        "consent_profiling": flag(chance(rng, 0.8)),
        "source_updated_at": instant(created_at),
        "is_deleted": flag(False),
    }


def _memberships(
    directory: Directory, contact_id: str, joined: int, rng: np.random.Generator, window: world.Window
) -> str:
    """Add the contact's memberships and return its current segment; a change ends the first one."""
    segment = SEGMENTS.draw(rng)
    changed = joined + between(rng, 30, 120) * world.DAY
    changes = chance(rng, world.SEGMENT_CHANGE) and changed < window.stop
    spans = [(segment, joined, changed if changes else None)]
    if changes:
        segment = pick(rng, [other for other in world.SEGMENT_MIX if other != segment])
        spans.append((segment, changed, None))
    for code, valid_from, valid_to in spans:
        directory.memberships.append(
            {
                "contact_id": contact_id,
                "segment_code": code,
                "valid_from": day(valid_from),
                "valid_to": day(valid_to),
                "is_target": flag(code == "premium"),
                "source_updated_at": instant(valid_to or valid_from),
                "is_deleted": flag(False),
            }
        )
    return segment


def _duplicate(
    directory: Directory,
    person: Person,
    original: Row,
    joined: int,
    rng: np.random.Generator,
    window: world.Window,
) -> None:
    """Add a second contact of the person: known by the same e-mail, or only by a merge in the CRM."""
    created_at = _later(joined, rng, window)
    second = original | {
        "contact_id": person.second_contact_id or "",
        "phone": "",
        "loyalty_id": "",
        "created_at": instant(created_at),
        "source_updated_at": instant(created_at),
    }
    if person.crm_email == person.email and chance(rng, 0.5):
        second["email"] = email_as_typed(person.email, rng)
        directory.same_email_duplicates += 1
    else:
        merged_at = _later(created_at, rng, window)
        second |= {
            "email": f"old.{person.email}",
            "master_contact_id": original["contact_id"],
            "source_updated_at": instant(merged_at),
        }
        directory.merges.append(_merge(original["contact_id"], second["contact_id"], merged_at, None))
        directory.merged_duplicates += 1
    directory.contacts.append(second)


def _merge_by_mistake(
    directory: Directory, known: list[Person], rng: np.random.Generator, window: world.Window
) -> None:
    """Merge contacts of two different people and take it back later."""
    single = [person for person in known if person.second_contact_id is None]
    pairs = max(1, len(known) // 1_000)
    chosen = rng.choice(len(single), size=2 * pairs, replace=False)
    for left, right in chosen.reshape(pairs, 2).tolist():
        surviving, merged = single[left], single[right]
        joined = max(_created_at(surviving, rng, window), _created_at(merged, rng, window))
        merged_at = _later(joined, rng, window)
        row = _merge(surviving.contact_id or "", merged.contact_id or "", merged_at, _later(merged_at, rng, window))
        directory.merges.append(row)
        directory.mistaken_merges += 1


def _merge(surviving: str, merged: str, merged_at: int, unmerged_at: int | None) -> Row:
    return {
        "surviving_id": surviving,
        "merged_id": merged,
        "merged_at": instant(merged_at),
        "unmerged_at": instant(unmerged_at),
        "source_updated_at": instant(unmerged_at or merged_at),
        "is_deleted": flag(False),
    }


def _later(since: int, rng: np.random.Generator, window: world.Window) -> int:
    """Return an instant in what is left of the window."""
    return since + int(rng.random() * (window.stop - since))
