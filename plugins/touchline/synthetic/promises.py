"""Promises: deliveries that the web shop dates, and what employees promise when they answer a case."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.service import Case

TYPES = Weighted(world.PROMISE_MIX)


@dataclass
class Promise:
    """One promise; what happens after the window has not happened yet."""

    promise_type: str
    made_at: int
    due_at: int
    fulfilled_at: int | None
    links: Row
    buyer: int | None = None
    """Number of the person whose order it is."""


def make_promises(
    cases: list[Case], sales: list[Sale], rng: np.random.Generator, window: world.Window
) -> list[Promise]:
    """Draw the promises of all cases and deliveries in order of making."""
    promises = [_delivery(sale) for sale in sales if sale.due_at is not None]
    promises += [
        _of_case(case, case.first_response_at, rng, window)
        for case in cases
        if case.first_response_at is not None and chance(rng, world.PROMISED_CASE_SHARE)
    ]
    promises.sort(key=lambda promise: promise.made_at)
    return promises


def _delivery(sale: Sale) -> Promise:
    links = {
        "contact_id": (sale.person.contact_id or "") if sale.person else "",
        "ref_type": "transaction",
        "ref_id": sale.transaction_id,
        "made_by": "web",
    }
    return Promise(
        "delivery",
        sale.closed_at,
        sale.due_at or sale.closed_at,
        sale.fulfilled_at,
        links,
        sale.person.number if sale.person else None,
    )


def _of_case(case: Case, made_at: int, rng: np.random.Generator, window: world.Window) -> Promise:
    kind = TYPES.draw(rng)
    due = made_at + between(rng, 1, 3) * world.DAY
    fulfilled: int | None = between(rng, made_at + 600, due)
    if not chance(rng, world.PROMISE_KEPT[kind]):
        forgotten = chance(rng, world.FORGOTTEN_SHARE)
        fulfilled = None if forgotten else due + between(rng, world.HOUR, 5 * world.DAY)
    links = {
        "contact_id": case.contact_id,
        "ref_type": "case",
        "ref_id": case.case_id,
        "made_by": "employee",
        "owner_employee_id": case.owner,
    }
    return Promise(kind, made_at, due, window.if_closed(fulfilled), links)


def promise_rows(promises: list[Promise]) -> list[Row]:
    """Return the promises as export rows; a due date may lie beyond the window, as a due date does."""
    return [
        promise.links
        | {
            "promise_id": f"PM{position:07d}",
            "promise_type": promise.promise_type,
            "made_at": instant(promise.made_at),
            "due_at": instant(promise.due_at),
            "fulfilled_at": instant(promise.fulfilled_at),
            "source_updated_at": instant(promise.fulfilled_at or promise.made_at),
            "is_deleted": flag(False),
        }
        for position, promise in enumerate(promises, start=1)
    ]


def promise_truth(promises: list[Promise], window: world.Window) -> dict[str, dict[str, int]]:
    """Count per type the promises due by the end of the window, and what became of them."""
    truth = {kind: {"due": 0, "kept": 0, "late": 0, "overdue": 0} for kind in ("delivery", *world.PROMISE_MIX)}
    for promise in promises:
        if promise.due_at > window.stop:
            continue
        counts = truth[promise.promise_type]
        counts["due"] += 1
        if promise.fulfilled_at is None:
            counts["overdue"] += 1
        else:
            counts["kept" if promise.fulfilled_at <= promise.due_at else "late"] += 1
    return truth


def early_truth(promises: list[Promise], window: world.Window) -> dict[str, int]:
    """Count per type the promises due by the end of the window that were fulfilled a day or more before."""
    truth = dict.fromkeys(("delivery", *world.PROMISE_MIX), 0)
    for promise in promises:
        if promise.due_at <= window.stop and promise.fulfilled_at is not None:
            truth[promise.promise_type] += promise.due_at - promise.fulfilled_at >= world.DAY
    return truth
