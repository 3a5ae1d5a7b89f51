"""What matters without an order take of the contact centre: contacts and seconds on the phone per matter resolved."""

from collections import defaultdict

from touchline.synthetic import world
from touchline.synthetic.service import ORDER_ISSUES, Case
from touchline.synthetic.threads import Contact
from touchline.synthetic.voice import Leg

WINDOW = 7 * world.DAY
Counts = dict[str, int]


def efficiency_truth(contacts: list[Contact], cases: list[Case], legs: list[Leg], window: world.Window) -> Counts:
    """Count contacts about issues that never concern an order, once their days and their cases are over.

    ``resolved`` and ``returned`` are first contacts; ``seconds`` and ``resolved_seconds`` are those of calls.
    """
    still_open = {case.case_id for case in cases if case.closed_at is None}
    seconds: dict[int, int] = defaultdict(int)
    for leg in legs:
        if leg.contact and leg.talk is not None:
            seconds[id(leg.contact)] += leg.talk + sum(leg.holds) + leg.wrap_up
    counts = dict.fromkeys(("contacts", "resolved", "returned", "email", "chat", "seconds"), 0)
    counts |= dict.fromkeys(("resolved_email", "resolved_chat", "resolved_seconds"), 0)
    for contact in contacts:
        is_open = contact.ended_at + WINDOW >= window.stop or contact.case_id in still_open
        if contact.issue in ORDER_ISSUES or is_open:
            continue
        is_resolved = not contact.position and contact.next is None
        counts["contacts"] += 1
        counts["resolved"] += is_resolved
        counts["returned"] += not contact.position and contact.next is not None
        for prefix in ("", "resolved_") if is_resolved else ("",):
            counts[f"{prefix}seconds"] += seconds[id(contact)]
            if contact.channel != "voice":
                counts[prefix + contact.channel] += 1
    return counts
