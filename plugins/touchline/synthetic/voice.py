"""The call-center export: calls as legs, with abandoned attempts, transfers, unknown and outbound calls."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick
from touchline.synthetic.people import Person
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.threads import CLOSES, OPENS, Contact

SERVICE_NUMBER = "+18005550199"
QUEUE_IDS = tuple(world.QUEUES)
DISPOSITIONS = Weighted({"solved": 0.7, "follow_up": 0.2, "information": 0.1})
SOLVED = world.SOLVED_CALL_SHARE
LONGEST_TALK, LONGEST_WAIT = 1_800, 600


@dataclass
class Leg:
    """One leg of a call; ``waited`` None means it never queued, ``talk`` None that no agent answered."""

    initiated_at: int
    queue_id: str
    method: str
    endpoint: str
    waited: int | None
    talk: int | None = None
    holds: tuple[int, ...] = ()
    wrap_up: int = 0
    agent: int = 0
    menu: int = 0
    contact: Contact | None = None
    previous: "Leg | None" = None
    next: "Leg | None" = None
    leg_id: str = ""

    @property
    def enqueued_at(self) -> int:
        """Instant of entering the queue, after the menu."""
        return self.initiated_at + 1 + self.menu

    @property
    def dequeued_at(self) -> int:
        """Instant of leaving the queue, to an agent or by hanging up."""
        return self.enqueued_at + (self.waited or 0)

    @property
    def ended_at(self) -> int:
        """Instant of disconnection."""
        return self.dequeued_at + (self.talk or 0) + sum(self.holds)


class Exchange:
    """Draws legs from contacts and counts what was planted."""

    def __init__(self, rng: np.random.Generator, window: world.Window) -> None:
        self._rng = rng
        self._window = window
        self.legs: list[Leg] = []
        self.queued = {queue: {"offered": 0, "abandoned": 0} for queue in QUEUE_IDS}

    def take(self, contact: Contact) -> None:
        """Draw the call of one contact, the abandoned attempts before it and a transfer after it."""
        rng, person = self._rng, contact.person
        queue = world.QUEUE_OF_ISSUE[contact.issue]
        before = contact.started_at
        leg = self._attempt(contact.started_at, queue, person.phone)
        while leg.talk is None:
            before -= between(rng, 40 * 60, 120 * 60)
            leg.initiated_at = before
            self._offer(leg)
            leg = self._attempt(contact.started_at, queue, person.phone)
        self._offer(leg)
        leg.contact = contact
        if chance(rng, world.TRANSFER_SHARE):
            leg = self._transfer(leg, person, contact)
        contact.answered_at = leg.dequeued_at
        contact.ended_at = leg.ended_at
        contact.employee_id = agent_employee(leg.agent)
        contact.wants_case = person.contact_id is not None and chance(rng, world.CASE_OF_CALL_SHARE)

    def take_unknown(self) -> None:
        """Draw a single attempt of a withheld number without a recorded issue."""
        leg = self._attempt(self._moment(), pick(self._rng, QUEUE_IDS), "")
        self._offer(leg)

    def call_out(self, person: Person) -> None:
        """Draw an outbound call to a person some time after they joined."""
        day = between(self._rng, int(person.joined_day), self._window.days - 1)
        moment = self._window.start + day * world.DAY + between(self._rng, OPENS, CLOSES)
        leg = Leg(moment, "", "outbound", person.phone, None)
        self._answer(leg, "q_general")
        self.legs.append(leg)

    def _moment(self) -> int:
        day = between(self._rng, 0, self._window.days - 1)
        return self._window.start + day * world.DAY + between(self._rng, OPENS, CLOSES)

    def _attempt(self, initiated_at: int, queue: str, endpoint: str) -> Leg:
        """Draw one queued attempt: the caller's patience against the wait decides who gives up."""
        rng, load = self._rng, world.QUEUES[queue]
        wait = 0.0 if chance(rng, load.no_wait) else float(rng.exponential(load.mean_wait))
        patience = float(rng.exponential(load.mean_patience))
        waited = min(LONGEST_WAIT, round(min(wait, patience)))
        leg = Leg(initiated_at, queue, "inbound", endpoint, waited, menu=between(rng, 8, 45))
        if wait <= patience:
            self._answer(leg, queue)
        else:
            leg.waited = max(1, waited)
        return leg

    def _offer(self, leg: Leg) -> None:
        self.legs.append(leg)
        self.queued[leg.queue_id]["offered"] += 1
        self.queued[leg.queue_id]["abandoned"] += leg.talk is None

    def _answer(self, leg: Leg, queue: str) -> None:
        rng = self._rng
        leg.talk = max(20, min(LONGEST_TALK, round(float(rng.lognormal(5.3, 0.6)))))
        leg.holds = tuple(1 + min(300, round(float(rng.exponential(45)))) for _ in range(max(0, between(rng, -4, 2))))
        leg.wrap_up = round(float(rng.exponential(50)))
        leg.agent = between(rng, *world.AGENTS_BY_QUEUE[queue])
        if leg.agent in world.SLOW_AGENTS:
            leg.wrap_up += world.SLOW_AGENT_SECONDS

    def _transfer(self, first: Leg, person: Person, contact: Contact) -> Leg:
        queue = pick(self._rng, [other for other in QUEUE_IDS if other != first.queue_id])
        waited = min(LONGEST_WAIT, round(float(self._rng.exponential(30))))
        second = Leg(first.ended_at, queue, "transfer", person.phone, waited, contact=contact, previous=first)
        self._answer(second, queue)
        first.next = second
        self.legs.append(second)
        return second


def make_legs(
    people: list[Person], contacts: list[Contact], rng: np.random.Generator, window: world.Window
) -> Exchange:
    """Draw all legs in order of time with their ids."""
    exchange = Exchange(rng, window)
    calls = [contact for contact in contacts if contact.channel == "voice"]
    for contact in calls:
        exchange.take(contact)
    for _ in range(round(len(calls) * world.UNKNOWN_CALLER_SHARE)):
        exchange.take_unknown()
    for _ in range(round(len(calls) * world.OUTBOUND_SHARE)):
        exchange.call_out(pick(rng, people))
    exchange.legs.sort(key=lambda leg: leg.initiated_at)
    for position, leg in enumerate(exchange.legs, start=1):
        leg.leg_id = f"V{position:08d}"
    return exchange


def agent_employee(agent: int) -> str:
    """Return the employee id of an agent, as cases and recoveries name their owner."""
    return f"E-CC-{agent:02d}"


def handling_truth(legs: list[Leg]) -> dict[str, dict[str, int]]:
    """Count per employee the answered legs and add up their talk, hold and wrap-up seconds."""
    truth = {agent_employee(agent): {"legs": 0, "seconds": 0} for agent in range(1, world.AGENTS + 1)}
    for leg in legs:
        if leg.talk is not None:
            counts = truth[agent_employee(leg.agent)]
            counts["legs"] += 1
            counts["seconds"] += leg.talk + sum(leg.holds) + leg.wrap_up
    return truth


def leg_rows(legs: list[Leg], rng: np.random.Generator) -> list[Row]:
    """Return the legs as export rows."""
    return [_times(leg) | _ids(leg) | _handling(leg, rng) for leg in legs]


def _times(leg: Leg) -> Row:
    queued, answered = leg.waited is not None, leg.talk is not None
    return {
        "initiated_at": instant(leg.initiated_at),
        "connected_to_system_at": instant(leg.initiated_at + 1),
        "enqueued_at": instant(leg.enqueued_at) if queued else "",
        "dequeued_at": instant(leg.dequeued_at) if queued else "",
        "connected_to_agent_at": instant(leg.dequeued_at) if answered else "",
        "disconnected_at": instant(leg.ended_at),
        "transfer_completed_at": instant(leg.next.dequeued_at) if leg.next else "",
        "source_updated_at": instant(leg.ended_at),
        "is_deleted": flag(False),
    }


def _ids(leg: Leg) -> Row:
    first = leg.previous or leg
    return {
        "contact_id": leg.leg_id,
        "initial_contact_id": first.leg_id if leg.previous or leg.next else "",
        "previous_contact_id": leg.previous.leg_id if leg.previous else "",
        "next_contact_id": leg.next.leg_id if leg.next else "",
        "channel": "voice",
        "direction": "outbound" if leg.method == "outbound" else "inbound",
        "initiation_method": leg.method,
        "customer_endpoint": leg.endpoint,
        "dialled_endpoint": "" if leg.method == "outbound" else SERVICE_NUMBER,
        "queue_id": leg.queue_id,
        "agent_id": f"a{leg.agent:02d}" if leg.talk is not None else "",
        "issue_type": leg.contact.issue if leg.contact else "",
        "case_id": leg.contact.case_id if leg.contact else "",
    }


def _handling(leg: Leg, rng: np.random.Generator) -> Row:
    if leg.talk is None:
        return {"disconnected_by": "customer", "self_service_steps": number(between(rng, 0, 4))}
    row = {
        "interaction_seconds": number(leg.talk),
        "hold_seconds": number(sum(leg.holds)),
        "hold_count": number(len(leg.holds)),
        "after_contact_work_seconds": number(leg.wrap_up),
        "agent_attempts": number(1 + chance(rng, 0.1)),
        "disconnected_by": "agent" if leg.next or chance(rng, 0.3) else "customer",
        "disposition_code": "transferred" if leg.next else DISPOSITIONS.draw(rng),
        "self_service_steps": number(between(rng, 0, 4)),
    }
    contact = leg.contact
    if contact is None:
        return row
    row["is_resolved"] = flag(not leg.next and chance(rng, SOLVED["came_back" if contact.next else "stayed_away"]))
    row["reasked_identity"] = flag(leg.previous is not None and chance(rng, 0.4))
    row["reasked_issue"] = flag(leg.previous is not None and chance(rng, 0.5))
    viewed = chance(rng, 0.7) and contact.person.contact_id is not None
    row["record_viewed_at"] = instant(leg.dequeued_at + between(rng, 2, 20)) if viewed else ""
    if viewed and contact.person.is_phone_known:
        row["verified_contact_id"] = contact.person.contact_id or ""
    return row
