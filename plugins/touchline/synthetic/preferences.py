"""Where preferences of customers are used once they are known: in some of the contacts that follow."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from touchline.synthetic.draw import between, chance
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.threads import Contact

USED_SHARE = 0.40
"""P(a preference is used in a contact after its recording)."""
AT_DESK_SECONDS = (60, 240)
"""Into a contact nobody holds the line for, when its preference is used."""


@dataclass
class PreferenceUses:
    """Uses as export rows; by code and for any of them the contacts since the recording and how many saw a use."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, dict[str, int]] = field(default_factory=dict)


def use_preferences(contacts: list[Contact], preferences: list[Row], rng: np.random.Generator) -> PreferenceUses:
    """Draw for each preference and each later contact of its person whether it was used there.

    Of a preference recorded again, by whichever of the person's entries in the CRM, only the latest recording counts.
    """
    owners = {
        contact_id: contact.person.number
        for contact in contacts
        for contact_id in (contact.person.contact_id, contact.person.second_contact_id)
        if contact_id
    }
    known: dict[int, dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in sorted(preferences, key=lambda row: row["recorded_at"]):
        recorded = round(datetime.fromisoformat(row["recorded_at"]).timestamp())
        known[owners[row["contact_id"]]][row["code"]] = (recorded, row["contact_id"])
    uses = PreferenceUses()
    for contact in contacts:
        since = {
            code: contact_id
            for code, (recorded, contact_id) in known[contact.person.number].items()
            if recorded < contact.started_at and (contact.answered_at or contact.case_id)
        }
        used = [code for code in sorted(since) if chance(rng, USED_SHARE)]
        uses.rows += [_use(contact, since[code], code, rng) for code in used]
        for name, is_used in [(code, code in used) for code in since] + [("any", bool(used))] * bool(since):
            counts = uses.realised.setdefault(name, {"contacts": 0, "used": 0})
            counts["contacts"] += 1
            counts["used"] += is_used
    return uses


def _use(contact: Contact, contact_id: str, code: str, rng: np.random.Generator) -> Row:
    is_call = contact.answered_at is not None
    used_at = (
        between(rng, contact.answered_at, contact.ended_at)
        if contact.answered_at is not None
        else contact.started_at + between(rng, *AT_DESK_SECONDS)
    )
    return {
        "contact_id": contact_id,
        "code": code,
        "used_at": instant(used_at),
        # a call is told by its time, a case by its id
        "ref_type": "" if is_call else "case",
        "ref_id": "" if is_call else contact.case_id,
        "source_updated_at": instant(used_at),
        "is_deleted": flag(False),
    }
