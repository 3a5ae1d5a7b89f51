"""Where the journeys of the world lead and break: purchases followed by service, and calls left unsolved."""

from bisect import bisect_right
from collections import defaultdict

from touchline.synthetic import world
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag
from touchline.synthetic.threads import Contact
from touchline.synthetic.voice import Leg

SPAN = world.JOURNEY_DAYS * world.DAY
Sales = list[tuple[Sale, Row]]
Calls = list[tuple[Leg, Row]]


def journey_truth(
    sales: Sales, contacts: list[Contact], calls: Calls, window: world.Window
) -> dict[str, dict[str, int]]:
    """Count purchases whose JOURNEY_DAYS have passed, and calls without a case that nobody came back after."""
    return {
        "purchases": _served_after(sales, _service(sales, contacts, calls), window),
        "last_calls": _last_calls(contacts, calls, window),
    }


def _service(sales: Sales, contacts: list[Contact], calls: Calls) -> dict[int, list[int]]:
    """Moments of service and of returns by person; a call counts where some record ties its phone to the person."""
    callers = {one.person.phone: one.person for one in contacts}
    tied = {one.person.number for one in contacts if one.case_id or one.person.is_phone_known}
    moments: dict[int, list[int]] = defaultdict(list)
    for sale, row in sales:
        if sale.person and "".join(filter(str.isdigit, row.get("phone", "")))[-10:] == sale.person.phone[-10:]:
            tied.add(sale.person.number)
        if sale.person and sale.return_of:
            moments[sale.person.number].append(sale.closed_at)
    for one in contacts:
        if one.channel != "voice":
            moments[one.person.number].append(one.started_at)
    for leg, _ in calls:
        if leg.endpoint in callers and callers[leg.endpoint].number in tied:
            moments[callers[leg.endpoint].number].append(leg.initiated_at)
    return moments


def _served_after(sales: Sales, service: dict[int, list[int]], window: world.Window) -> dict[str, int]:
    counts = {"judged": 0, "went_on": 0}
    for sale, _ in sales:
        if sale.person and not sale.return_of and sale.closed_at + SPAN <= window.stop:
            counts["judged"] += 1
            counts["went_on"] += _is_followed(service[sale.person.number], sale.closed_at)
    return counts


def _last_calls(contacts: list[Contact], calls: Calls, window: world.Window) -> dict[str, int]:
    """Answered calls that opened no case and had no repeat: all, left unsolved, and of these not heard of again."""
    heard: dict[tuple[int, str], list[int]] = defaultdict(list)
    for contact in contacts:
        heard[contact.person.number, contact.issue].append(contact.started_at)
    gave_up: dict[str, list[int]] = defaultdict(list)
    for leg, _ in calls:
        if leg.talk is None:
            gave_up[leg.endpoint].append(leg.initiated_at)
    counts = {"calls": 0, "unsolved": 0, "broken": 0}
    for leg, row in calls:
        one = leg.contact
        if one is None or leg.next or one.case_id or one.next or one.ended_at + SPAN > window.stop:
            continue
        is_unsolved = row["is_resolved"] == flag(False)
        again = heard[one.person.number, one.issue] + gave_up[leg.endpoint]
        counts["calls"] += 1
        counts["unsolved"] += is_unsolved
        counts["broken"] += is_unsolved and not _is_followed(again, one.ended_at)
    return counts


def _is_followed(moments: list[int], start: int) -> bool:
    """Whether one of the moments lies in the JOURNEY_DAYS after the start."""
    ordered = sorted(moments)
    place = bisect_right(ordered, start)
    return place < len(ordered) and ordered[place] <= start + SPAN
