"""Service recovery: what went wrong, when it was picked up, what was offered and whether it was accepted."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant, money
from touchline.synthetic.service import Case
from touchline.synthetic.voice import agent_employee

FAILURES = {
    "delivery": Weighted({"late_delivery": 0.7, "wrong_item": 0.3}),
    "product": Weighted({"wrong_item": 1.0}),
    "billing": Weighted({"billing_error": 1.0}),
    "account": Weighted({"rude_service": 1.0}),
}
SUPERVISOR = "E-CC-SUP"
APPROVAL_SECONDS = (300, 3_600)
"""Least and greatest time between acknowledging and asking for an approval, all in between as likely."""
_COUNTED = ("complaints", "acknowledged", "fixed", "apologised_before_fix", "outcomes_known", "outcomes_accepted")


@dataclass
class Recovery:
    """One recovery as an export row, with the outcome that the truth counts."""

    row: Row
    handled_by: str
    outcome: str


class RecoveryDesk:
    """Draws recoveries."""

    def __init__(self, rng: np.random.Generator, window: world.Window) -> None:
        self._rng = rng
        self._window = window

    def recover(self, failure: str, detected_at: int, first_employee: str, links: Row) -> Recovery:
        """Draw one recovery from detection to the customer's answer, as far as the window reaches."""
        rng, window = self._rng, self._window
        handled_by = "first_employee" if chance(rng, world.FIRST_EMPLOYEE_SHARE) else "handed_over"
        handed_over = handled_by == "handed_over"
        acknowledged = detected_at + 60 + round(float(rng.exponential(3 * world.HOUR)))
        requested = acknowledged + between(rng, *APPROVAL_SECONDS) if handed_over else None
        decided = (requested or acknowledged) + between(rng, 300, 6 * world.HOUR)
        completed = window.if_closed(decided + round(float(rng.exponential(world.DAY))))
        accepted = chance(rng, world.ACCEPTANCE[handled_by])
        outcome = "" if completed is None else "accepted" if accepted else "rejected"
        is_decided = decided < window.stop
        other = agent_employee(between(rng, 1, world.AGENTS))
        low, high = world.COMPENSATION_CENTS[failure]
        amount = between(rng, low, high)
        row = {
            "failure_type": failure,
            "detected_at": instant(detected_at),
            "acknowledged_at": instant(window.if_closed(acknowledged)),
            "compensation_amount": money(amount) if is_decided else "",
            "currency": world.CURRENCY if is_decided else "",
            "first_employee_id": first_employee,
            "employee_id": other if handed_over and other != first_employee else first_employee,
            "approval_requested_at": instant(window.if_closed(requested)),
            "approved_by": SUPERVISOR if handed_over and is_decided else "",
            "decided_at": instant(window.if_closed(decided)),
            "is_escalated": flag(handed_over),
            "completed_at": instant(completed),
            "outcome": outcome,
            "source_updated_at": instant(completed or detected_at),
            "is_deleted": flag(False),
        }
        return Recovery(row | links, handled_by, outcome)


def make_recoveries(
    cases: list[Case], sales: list[Sale], rng: np.random.Generator, window: world.Window
) -> list[Recovery]:
    """Draw recoveries of complaints, and of late orders nobody complained about, with their ids."""
    desk = RecoveryDesk(rng, window)
    recoveries: list[Recovery] = []
    complained: set[str] = set()
    for case in cases:
        if case.order:
            complained.add(case.order.transaction_id)
        if case.kind == "complaint" and chance(rng, world.RECOVERY_OF_COMPLAINT_SHARE):
            failure = FAILURES[case.contact.issue].draw(rng)
            recoveries.append(desk.recover(failure, case.created_at, case.owner, _case_links(case)))
    for sale in sales:
        is_late = sale.due_at and (sale.fulfilled_at is None or sale.fulfilled_at > sale.due_at)
        if not is_late or sale.person is None or sale.transaction_id in complained:
            continue
        if chance(rng, world.RECOVERY_OF_LATE_ORDER_SHARE):
            owner = agent_employee(between(rng, 1, world.AGENTS))
            links = {"ref_type": "transaction", "ref_id": sale.transaction_id}
            recoveries.append(desk.recover("late_delivery", sale.due_at or sale.closed_at, owner, links))
    recoveries.sort(key=lambda recovery: recovery.row["detected_at"])
    for position, recovery in enumerate(recoveries, start=1):
        recovery.row["recovery_id"] = f"RC{position:06d}"
    return recoveries


def _case_links(case: Case) -> Row:
    links = {"case_id": case.case_id}
    if case.order:
        links |= {"ref_type": "transaction", "ref_id": case.order.transaction_id}
    return links


def acceptance_truth(recoveries: list[Recovery]) -> dict[str, dict[str, int]]:
    """Count completed and accepted recoveries by who handled them."""
    truth = {name: {"completed": 0, "accepted": 0} for name in world.ACCEPTANCE}
    for recovery in recoveries:
        truth[recovery.handled_by]["completed"] += recovery.outcome != ""
        truth[recovery.handled_by]["accepted"] += recovery.outcome == "accepted"
    return truth


def complaint_truth(cases: list[Case], recoveries: list[Recovery]) -> dict[str, dict[str, int]]:
    """Count by channel what complaints came to within the window."""
    answers = {recovery.row["case_id"]: recovery for recovery in recoveries if "case_id" in recovery.row}
    truth: dict[str, dict[str, int]] = {}
    for case in cases:
        if case.kind != "complaint":
            continue
        counts = truth.setdefault(case.channel, dict.fromkeys(_COUNTED, 0))
        answer = answers.get(case.case_id)
        said = [event.occurred_at for event in case.events if event.event_type == "apology"]
        is_fixed = case.resolved_at is not None
        counts["complaints"] += 1
        counts["acknowledged"] += case.first_response_at is not None or bool(answer and answer.row["acknowledged_at"])
        counts["fixed"] += is_fixed
        counts["apologised_before_fix"] += is_fixed and bool(said) and min(said) <= (case.resolved_at or 0)
        counts["outcomes_known"] += bool(answer and answer.outcome)
        counts["outcomes_accepted"] += bool(answer and answer.outcome == "accepted")
    return truth
