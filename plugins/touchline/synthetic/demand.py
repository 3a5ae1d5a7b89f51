"""Why customers got in touch, as the world knows it: which contacts a failure caused, and which cause comes first."""

from collections import Counter, defaultdict

from touchline.synthetic import world
from touchline.synthetic.promises import Promise
from touchline.synthetic.service import Case
from touchline.synthetic.threads import Contact

Matter = tuple[int, str]
"""A person's number and an issue, or the transaction of an order."""


def cause_truth(contacts: list[Contact], cases: list[Case], promises: list[Promise]) -> dict[str, int]:
    """Count the contacts by cause: complaint, broken_promise, chase, repeat or none; the first that holds is it."""
    opened = {id(case.contact): case for case in cases}
    worked: dict[Matter, list[Case]] = defaultdict(list)
    for case in cases:
        worked[case.contact.person.number, case.contact.issue].append(case)
    broken = _broken(promises, {case.case_id: case for case in cases})
    causes = Counter(_cause(contact, opened.get(id(contact)), worked, broken) for contact in contacts)
    return {cause: causes[cause] for cause in ("complaint", "broken_promise", "chase", "repeat", "none")}


def _cause(
    contact: Contact, own: Case | None, worked: dict[Matter, list[Case]], broken: dict[Matter, list[Promise]]
) -> str:
    moment, person = contact.started_at, contact.person.number
    if own and own.kind == "complaint":
        return "complaint"
    owed = list(broken[person, contact.issue])
    if own and own.order:
        owed += broken[person, own.order.transaction_id]
    if any(_is_owed(promise, moment) for promise in owed):
        return "broken_promise"
    earlier = (case for case in worked[person, contact.issue] if case is not own and case.created_at < moment)
    if any(case.resolved_at is None or case.resolved_at > moment for case in earlier):
        return "chase"
    return "repeat" if contact.position else "none"


def _is_owed(promise: Promise, moment: int) -> bool:
    is_unkept = promise.fulfilled_at is None or promise.fulfilled_at >= moment
    return is_unkept and promise.due_at < moment <= promise.due_at + world.PROMISE_REMEMBERED_DAYS * world.DAY


def _broken(promises: list[Promise], cases: dict[str, Case]) -> dict[Matter, list[Promise]]:
    """Promises by whose and about what they are: a case's issue, or the order delivered."""
    found: dict[Matter, list[Promise]] = defaultdict(list)
    for promise in promises:
        about = promise.links["ref_id"]
        if promise.links["ref_type"] == "case":
            case = cases[about]
            found[case.contact.person.number, case.contact.issue].append(promise)
        elif promise.buyer is not None:
            found[promise.buyer, about].append(promise)
    return found
