"""What waiting callers are told, and the callbacks they are promised."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance
from touchline.synthetic.render import Row, flag, instant, number
from touchline.synthetic.voice import Leg


@dataclass
class Waiting:
    """Notices and callbacks as export rows, with what was planted by group of callers."""

    notices: list[Row] = field(default_factory=list)
    callbacks: list[Row] = field(default_factory=list)
    quotes: dict[str, int] = field(default_factory=lambda: {"answered": 0, "kept": 0})
    promised: dict[str, int] = field(default_factory=lambda: {"due": 0, "kept": 0})
    still_waiting: dict[str, dict[str, int]] = field(
        default_factory=lambda: {group: {"waiting": 0, "abandoned": 0} for group in ("told", "untold")}
    )


def make_waiting(legs: list[Leg], rng: np.random.Generator, window: world.Window) -> Waiting:
    """Tell some of the callers who still wait after a while how long it will take, and offer some a callback."""
    waiting = Waiting()
    for leg in legs:
        if leg.method != "inbound" or leg.waited is None or leg.waited <= world.NOTICE_AFTER_SECONDS:
            continue
        is_told = chance(rng, world.TOLD_SHARE)
        if is_told:
            _tell(waiting, leg, rng)
        has_accepted = chance(rng, world.CALLBACK_OFFER_SHARE) and _offer(waiting, leg, rng, window)
        if not has_accepted:
            counts = waiting.still_waiting["told" if is_told else "untold"]
            counts["waiting"] += 1
            counts["abandoned"] += leg.talk is None
    return waiting


def _tell(waiting: Waiting, leg: Leg, rng: np.random.Generator) -> None:
    """Quote a wait; whoever is answered learns whether it was kept."""
    left = (leg.waited or 0) - world.NOTICE_AFTER_SECONDS
    is_kept = chance(rng, world.QUOTE_KEPT_SHARE)
    quoted = left + between(rng, 0, 60) if is_kept else max(0, left - between(rng, 1, 30))
    if leg.talk is not None:
        waiting.quotes["answered"] += 1
        waiting.quotes["kept"] += is_kept
    waiting.notices.append(
        _notice(leg, world.NOTICE_AFTER_SECONDS, "estimated_wait") | {"quoted_seconds": number(quoted)}
    )


def _offer(waiting: Waiting, leg: Leg, rng: np.random.Generator, window: world.Window) -> bool:
    """Offer a callback; only who gives up anyway may accept, and leaves the queue by that."""
    has_accepted = leg.talk is None and chance(rng, world.CALLBACK_ACCEPTED_SHARE)
    offer = _notice(leg, world.NOTICE_AFTER_SECONDS + 1, "callback_offer") | {"is_accepted": flag(has_accepted)}
    waiting.notices.append(offer)
    if has_accepted:
        _call_back(waiting, leg, rng, window)
    return has_accepted


def _call_back(waiting: Waiting, leg: Leg, rng: np.random.Generator, window: world.Window) -> None:
    requested = leg.dequeued_at
    promised_from, promised_to = requested + world.HOUR, requested + 3 * world.HOUR
    is_kept = chance(rng, world.CALLBACK_KEPT_SHARE)
    reached = between(rng, promised_from, promised_to) if is_kept else promised_to + between(rng, 60, world.DAY)
    if promised_to >= window.stop:
        return
    waiting.promised["due"] += 1
    waiting.promised["kept"] += is_kept
    waiting.callbacks.append(
        {
            "callback_id": f"CB{len(waiting.callbacks) + 1:06d}",
            "contact_id": leg.leg_id,
            "requested_at": instant(requested),
            "promised_from": instant(promised_from),
            "promised_to": instant(promised_to),
            "attempted_at": instant(window.if_closed(reached)),
            "connected_at": instant(window.if_closed(reached)),
            "source_updated_at": instant(window.if_closed(reached) or requested),
            "is_deleted": flag(False),
        }
    )


def _notice(leg: Leg, seconds: int, kind: str) -> Row:
    at = leg.enqueued_at + seconds
    return {
        "contact_id": leg.leg_id,
        "notified_at": instant(at),
        "kind": kind,
        "source_updated_at": instant(at),
        "is_deleted": flag(False),
    }
