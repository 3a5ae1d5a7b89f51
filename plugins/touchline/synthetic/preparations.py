"""What is made ready before customers come: lists of the stores, papers of cases, looks at the record in time."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import between, chance
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, day, flag, instant
from touchline.synthetic.service import Case

ITEMS = {
    "price_changes": "information",
    "tills_counted": "equipment",
    "shelves_filled": "equipment",
    "team_talk": "mindset",
}
PREPARED_SHARE = {"information": 0.90, "equipment": 0.95, "mindset": 0.70}
"""P(an item of the kind is done before the doors open, or before a case is replied to)."""
SILENT_STORES, SILENT_SHARE = ("S04", "S08"), 0.40
"""Where the team is seldom talked to, and P(it is)."""
PAPERS = "order_at_hand"
LATE_VIEW_SHARE = 0.20
"""P(the record of a customer whose case is looked up is looked at after the reply alone)."""
OPENS, CLOSED = (7 * world.HOUR, 8 * world.HOUR + 45 * 60), (18 * world.HOUR + 600, 19 * world.HOUR)
"""Local seconds of the day: before the first customer, and after the last."""


@dataclass
class Preparations:
    """Items as export rows; by location and kind those required, those with a touch, and of these the ones in time."""

    rows: list[Row] = field(default_factory=list)
    realised: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def add(self, row: Row, *, is_met: bool, is_ready: bool) -> None:
        """Keep and count one item."""
        counts = self.realised.setdefault(row["location_id"], {}).setdefault(
            row["kind"], dict.fromkeys(("required", "judged", "prepared"), 0)
        )
        counts["required"] += 1
        counts["judged"] += is_met
        counts["prepared"] += is_met and is_ready
        self.rows.append(row)


def prepared_share(kind: str, store: str) -> float:
    """P(an item of the kind is done in time at the store)."""
    return SILENT_SHARE if kind == "mindset" and store in SILENT_STORES else PREPARED_SHARE[kind]


def prepare(sales: list[Sale], cases: list[Case], rng: np.random.Generator, window: world.Window) -> Preparations:
    """Go through the lists of all stores day by day, and lay out the order of each case that is replied to."""
    made = Preparations()
    met = {(sale.location.location_id, _local_day(sale.closed_at, sale.location)) for sale in sales}
    for store in world.STORES:
        for number in range(window.days):
            midnight = window.start + number * world.DAY
            is_met = (store.location_id, datetime.fromtimestamp(midnight, UTC).date()) in met
            for item, kind in ITEMS.items():
                is_ready = chance(rng, prepared_share(kind, store.location_id))
                done = _done(rng, store, midnight, window, is_ready=is_ready)
                row = _item(store, day(midnight), item, kind, done)
                made.add(row, is_met=is_met, is_ready=is_ready)
    for case in cases:
        if case.order and case.first_response_at is not None:
            row, is_ready = _papers(case, case.order.location, case.first_response_at, rng, window)
            made.add(row, is_met=True, is_ready=is_ready)
    return made


def _papers(
    case: Case, place: world.Location, replied: int, rng: np.random.Generator, window: world.Window
) -> tuple[Row, bool]:
    """Return the item of a case at the place that sold its order, and whether it was done by the reply."""
    is_ready = chance(rng, PREPARED_SHARE["information"])
    done = max(case.created_at, replied - between(rng, 1, 10)) if is_ready else replied + between(rng, 60, 3_600)
    row = _item(place, _local_day(replied, place).isoformat(), PAPERS, "information", window.if_closed(done))
    return row | {"ref_id": case.case_id, "ref_type": "case"}, is_ready


def look_late(cases: list[Case], rng: np.random.Generator, window: world.Window) -> dict[str, int]:
    """Put some looks at the record behind the reply; return cases replied to, looked up, and looked up in time."""
    counts = dict.fromkeys(("replied", "viewed", "viewed_in_time"), 0)
    for case in cases:
        if case.first_response_at is None:
            continue
        counts["replied"] += 1
        if not case.facts["record_viewed_at"]:
            continue
        counts["viewed"] += 1
        late = window.if_closed(case.first_response_at + between(rng, 60, 1_800))
        if chance(rng, LATE_VIEW_SHARE) and late is not None:
            case.facts["record_viewed_at"] = instant(late)
        else:
            counts["viewed_in_time"] += 1
    return counts


def _local_day(at: int, place: world.Location) -> date:
    return datetime.fromtimestamp(at, place.zone).date()


def _done(
    rng: np.random.Generator, store: world.Location, midnight: int, window: world.Window, *, is_ready: bool
) -> int | None:
    """Before the doors open; else in the evening, or never."""
    offset = datetime.fromtimestamp(midnight + world.DAY // 2, store.zone).utcoffset()
    local_midnight = midnight - (int(offset.total_seconds()) if offset else 0)
    moment = local_midnight + between(rng, *(OPENS if is_ready else CLOSED))
    is_forgotten = chance(rng, 0.5) and not is_ready
    return None if is_forgotten else window.if_closed(moment)


def _item(place: world.Location, service_date: str, item: str, kind: str, done: int | None) -> Row:
    return {
        "location_id": place.location_id,
        "service_date": service_date,
        "item_code": item,
        "ref_id": "*",
        "kind": kind,
        "is_required": flag(True),
        "done_at": instant(done),
        "source_updated_at": instant(done),
        "is_deleted": flag(False),
    }
