"""What is done after cases: notes written by the close, preferences recorded soon after it, and the next contact."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance, pick
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.service import Case
from touchline.synthetic.threads import Contact
from touchline.synthetic.voice import Leg

CODES = {"delivery_time": ("evening", "morning"), "language": ("en", "de"), "packaging": ("plain", "gift")}


@dataclass
class FollowUps:
    """Events and preferences as export rows, and how many closed cases have a note, were judged, were refreshed."""

    events: list[Row] = field(default_factory=list)
    preferences: list[Row] = field(default_factory=list)
    realised: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("closed", "noted", "judged", "refreshed"), 0)
    )


def follow_up(cases: list[Case], rng: np.random.Generator, window: world.Window) -> FollowUps:
    """Draw for each closed case whether a note was written on it, and whether a preference was recorded after it."""
    found = FollowUps()
    recorded: dict[str, dict[str, int]] = defaultdict(dict)
    closed = [case for case in cases if case.closed_at is not None]
    noted = 0
    for case in closed:
        until = case.closed_at or window.stop
        if chance(rng, world.NOTED_SHARE):
            found.events.append(_note(case, between(rng, case.created_at, until), len(found.events)))
            noted += 1
        if chance(rng, world.PREFERENCE_SHARE):
            at = until + between(rng, world.HOUR, (world.REFRESH_DAYS - 1) * world.DAY)
            if at < window.stop and at not in recorded[case.contact_id].values():
                preference = _preference(case, at, rng)
                found.preferences.append(preference)
                code = str(preference["code"])
                # the CRM keeps one recording of a preference, the latest
                recorded[case.contact_id][code] = max(at, recorded[case.contact_id].get(code, at))
        if until + world.DAY < window.stop:
            found.events.append(_archived(case, until + world.DAY, len(found.events)))
    found.realised |= {"closed": len(closed), "noted": noted}
    for case in closed:
        since = case.closed_at or window.stop
        if since + world.REFRESH_DAYS * world.DAY <= window.stop:
            found.realised["judged"] += 1
            days = [(at - since) / world.DAY for at in recorded[case.contact_id].values()]
            found.realised["refreshed"] += any(0 < day <= world.REFRESH_DAYS for day in days)
    return found


def next_contact_truth(
    cases: list[Case], contacts: list[Contact], legs: list[tuple[Leg, Row]], window: world.Window
) -> dict[str, int]:
    """Count closed cases of closed NEXT_CONTACT_DAYS, whose person came again, was looked up, was asked again."""
    own: dict[int, list[Contact]] = defaultdict(list)
    for contact in contacts:
        own[contact.person.number].append(contact)
    views = {case.case_id for case in cases if case.facts["record_viewed_at"]}
    orders = {case.case_id: case.order for case in cases}
    calls: dict[int, list[Row]] = defaultdict(list)
    for leg, row in legs:
        if leg.contact:
            calls[id(leg.contact)].append(row)
    counts = dict.fromkeys(("judged", "came_again", "viewed", "calls", "asked_again"), 0)
    for case in cases:
        since = case.closed_at
        if since is None or since + world.NEXT_CONTACT_DAYS * world.DAY > window.stop:
            continue
        counts["judged"] += 1
        until = since + world.NEXT_CONTACT_DAYS * world.DAY
        later = [
            one
            for one in own[case.contact.person.number]
            if since < one.started_at <= until
            and not (case.order and orders.get(one.case_id) is case.order)
            and (one.answered_at or one.case_id)
        ]
        if not later:
            continue
        rows = calls[id(later[0])]
        counts["came_again"] += 1
        counts["viewed"] += later[0].case_id in views or any(row.get("record_viewed_at") for row in rows)
        counts["calls"] += bool(rows)
        counts["asked_again"] += any(
            flag(True) in (row.get("reasked_identity"), row.get("reasked_issue")) for row in rows
        )
    return counts


def _note(case: Case, at: int, number: int) -> Row:
    return _event(case, at, number) | {"event_type": "note", "actor_type": "employee", "actor_id": case.owner}


def _archived(case: Case, at: int, number: int) -> Row:
    return _event(case, at, number) | {"event_type": "assign", "actor_type": "system", "to_value": "archive"}


def _event(case: Case, at: int, number: int) -> Row:
    return {
        "event_id": f"EN{number:08d}",
        "case_id": case.case_id,
        "occurred_at": instant(at),
        "channel": case.channel,
        "is_public": flag(False),
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }


def _preference(case: Case, at: int, rng: np.random.Generator) -> Row:
    code = pick(rng, list(CODES))
    return {
        "contact_id": case.contact_id,
        "code": code,
        "value": pick(rng, CODES[code]),
        "origin": pick(rng, ("stated", "observed")),
        "recorded_by": case.owner,
        "recorded_at": instant(at),
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }
