"""The CRM's cases and their events, opened by contacts."""

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.people import Person
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.threads import Contact
from touchline.synthetic.voice import agent_employee

KINDS = Weighted(world.CASE_KIND_MIX)
PRIORITIES = Weighted({"normal": 0.7, "high": 0.2, "low": 0.1})
SEVERITIES = Weighted({"1": 0.3, "2": 0.4, "3": 0.2, "4": 0.1})
ANSWERS = Weighted(world.ANSWERS)
OTHERWISE = {
    (issue, channel): Weighted(answers)
    for issue, channels in world.ANSWERED_OTHERWISE.items()
    for channel, answers in channels.items()
}
ORDER_ISSUES = ("delivery", "product")
MEAN_RESPONSE_SECONDS = {"email": 4 * world.HOUR, "chat": 120}


@dataclass
class Event:
    """One event of a case."""

    event_type: str
    occurred_at: int
    actor_type: str
    actor_id: str = ""
    from_value: str = ""
    to_value: str = ""
    is_public: bool = False


@dataclass
class Case:
    """One case; instants beyond the window are None: they have not happened yet."""

    contact: Contact
    contact_id: str
    kind: str
    created_at: int
    owner: str
    order: Sale | None
    first_response_at: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None
    case_id: str = ""
    facts: Row = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def channel(self) -> str:
        """The case's origin channel in the CRM's words."""
        return "phone" if self.contact.channel == "voice" else self.contact.channel


class Desk:
    """Opens and works cases."""

    def __init__(self, sales: list[Sale], rng: np.random.Generator, window: world.Window) -> None:
        self._rng = rng
        self._window = window
        self._sales: dict[int, list[Sale]] = {}
        for sale in sales:
            if sale.person and not sale.return_of:
                self._sales.setdefault(sale.person.number, []).append(sale)

    def open(self, contact: Contact) -> Case:
        """Open the case of a contact and work it as far as the window reaches."""
        rng, created_at = self._rng, contact.started_at
        if contact.answered_at is not None:
            created_at = contact.answered_at + between(rng, 30, 120)
        owner = contact.employee_id or agent_employee(between(rng, 1, world.AGENTS))
        case = Case(
            contact,
            self._contact_id(contact.person),
            KINDS.draw(rng),
            created_at,
            owner,
            self._order(contact),
        )
        if contact.answered_at is None:
            delay = 20 + round(float(rng.exponential(MEAN_RESPONSE_SECONDS[case.channel])))
            case.first_response_at = self._window.if_closed(created_at + delay)
        else:
            case.first_response_at = created_at
        self._work(case)
        case.facts = self._facts(case)
        return case

    def _contact_id(self, person: Person) -> str:
        use_second = person.second_contact_id is not None and chance(self._rng, 0.3)
        return (person.second_contact_id if use_second else person.contact_id) or ""

    def _order(self, contact: Contact) -> Sale | None:
        """Return the person's latest purchase before a contact about an order."""
        own = self._sales.get(contact.person.number, [])
        before = bisect_right(own, contact.started_at, key=lambda sale: sale.closed_at)
        return own[before - 1] if before and contact.issue in ORDER_ISSUES else None

    def _work(self, case: Case) -> None:
        """Write the events from opening to closing, with a reopening where the customer came back."""
        rng, window = self._rng, self._window
        case.events = [
            Event("created", case.created_at, "customer", case.contact_id, is_public=True),
            Event("assign", case.created_at + between(rng, 5, 30), "system", to_value=case.owner),
        ]
        if case.first_response_at is not None:
            replied = case.first_response_at
            case.events.append(Event("reply", replied, "employee", case.owner, is_public=True))
            if case.kind == "complaint" and chance(rng, world.APOLOGY_SHARE):
                said = replied + between(rng, 60, 1_800)
                case.events.append(Event("apology", said, "employee", case.owner, is_public=True))
        self._resolve(case, case.first_response_at or window.stop)
        back = case.contact.next
        if back and case.resolved_at is not None and case.resolved_at < back.started_at:
            reopened = back.started_at + 60
            was = "closed" if case.closed_at else "resolved"
            case.events.append(Event("reopen", reopened, "customer", case.contact_id, was, "open", is_public=True))
            self._resolve(case, reopened)
        case.events = [event for event in case.events if event.occurred_at < window.stop]
        case.events.sort(key=lambda event: event.occurred_at)

    def _resolve(self, case: Case, work_from: int) -> None:
        rng, window = self._rng, self._window
        resolved = work_from + 1_800 + round(float(rng.lognormal(10.6, 0.9)))
        closed = resolved + between(rng, 1, 24) * world.HOUR
        case.resolved_at, case.closed_at = window.if_closed(resolved), None
        case.events.append(Event("status", resolved, "employee", case.owner, "open", "resolved"))
        if case.contact.next and closed > case.contact.next.started_at > resolved:
            return
        case.closed_at = window.if_closed(closed)
        case.events.append(Event("status", closed, "system", "", "resolved", "closed"))
        if chance(rng, world.CLOSING_MESSAGE_SHARE):
            case.events.append(Event("closing_message", closed, "employee", case.owner, is_public=True))

    def _facts(self, case: Case) -> Row:
        rng = self._rng
        viewed = case.first_response_at is not None and chance(rng, 0.7)
        answers = OTHERWISE.get((case.contact.issue, case.channel), ANSWERS)
        return {
            "priority": PRIORITIES.draw(rng),
            "severity": SEVERITIES.draw(rng) if case.kind == "complaint" else "",
            "is_escalated": flag(chance(rng, world.ESCALATED_SHARE)),
            "resolution_code": answers.draw(rng) if case.resolved_at else "",
            "record_viewed_at": instant(case.first_response_at) if viewed else "",
        }


def make_cases(
    contacts: list[Contact], sales: list[Sale], rng: np.random.Generator, window: world.Window
) -> list[Case]:
    """Open a case for every written contact and for the calls that want one, in order of creation."""
    desk = Desk(sales, rng, window)
    cases = [desk.open(one) for one in contacts if one.channel != "voice" or one.wants_case]
    cases.sort(key=lambda case: case.created_at)
    for position, case in enumerate(cases, start=1):
        case.case_id = case.contact.case_id = f"500{position:07d}"
    return cases


def case_row(case: Case) -> Row:
    """Return the case's current state as an export row."""
    contact, order = case.contact, case.order
    status = "closed" if case.closed_at else "resolved" if case.resolved_at else "open"
    return case.facts | {
        "case_id": case.case_id,
        "contact_id": case.contact_id,
        "origin_channel": case.channel,
        "case_kind": case.kind,
        "issue_type": contact.issue,
        "order_ref": order.transaction_id if order else "",
        "location_id": order.location.location_id if order else "",
        "queue_id": world.QUEUE_OF_ISSUE[contact.issue] if contact.channel == "voice" else "",
        "status": status,
        "created_at": instant(case.created_at),
        "first_response_at": instant(case.first_response_at),
        "resolved_at": instant(case.resolved_at),
        "closed_at": instant(case.closed_at),
        "owner_employee_id": case.owner,
        "parent_case_id": contact.previous.case_id if contact.previous else "",
        "source_updated_at": instant(case.events[-1].occurred_at),
        "is_deleted": flag(False),
    }


def first_version(case: Case) -> Row:
    """Return the case as it was delivered right after opening, before anyone worked on it."""
    unknown = ("first_response_at", "resolved_at", "closed_at", "record_viewed_at", "resolution_code")
    row = case_row(case) | dict.fromkeys(unknown, "")
    return row | {"status": "open", "source_updated_at": instant(case.created_at)}


def event_rows(cases: list[Case]) -> list[Row]:
    """Return all case events as export rows, numbered case by case."""
    rows: list[Row] = []
    for case in cases:
        for event in case.events:
            rows.append(
                {
                    "event_id": f"EV{len(rows) + 1:08d}",
                    "case_id": case.case_id,
                    "event_type": event.event_type,
                    "occurred_at": instant(event.occurred_at),
                    "actor_type": event.actor_type,
                    "actor_id": event.actor_id,
                    "channel": case.channel,
                    "from_value": event.from_value,
                    "to_value": event.to_value,
                    "is_public": flag(event.is_public),
                    "source_updated_at": instant(event.occurred_at),
                    "is_deleted": flag(False),
                }
            )
    return rows


def answer_truth(cases: list[Case]) -> dict[str, dict[str, dict[str, int]]]:
    """Count closed cases by issue, channel and resolution code."""
    truth: dict[str, dict[str, dict[str, int]]] = {}
    for case in cases:
        if case.closed_at is not None:
            codes = truth.setdefault(case.contact.issue, {}).setdefault(case.channel, dict.fromkeys(world.ANSWERS, 0))
            codes[case.facts["resolution_code"]] += 1
    return truth


def closing_truth(cases: list[Case]) -> dict[str, int]:
    """Count closed cases, and those on which a closing message was sent at this close or an earlier one."""
    closed = [case for case in cases if case.closed_at is not None]
    sent = sum(any(event.event_type == "closing_message" for event in case.events) for case in closed)
    return {"closed": len(closed), "sent": sent}
