"""Executives where customers are served: which stores and queues they visit, and what a first visit makes of it."""

from collections import Counter

from touchline.synthetic import world
from touchline.synthetic.render import Row, flag, instant

# The day of the first visit (share of the window); whoever is visited once is visited again.
FIRST_AT = {"S06": 0.24, "S07": 0.25, "S08": 0.26, "q_billing": 0.30, "q_delivery": 0.32}
AGAIN_AFTER_DAYS = 28
MINUTES = {"floor": 90, "serve": 120, "listen": 60}
# Stores say farewell as they should for so many days from the first visit on, then as ever.
LIFTED_ITEM, LIFTED_KEPT, LIFTED_DAYS = "farewell", 0.98, 29
MANAGER_VISIT = ("E-S01-1", "S01", "serve")
"""Somebody who is no executive serves at home once."""


def first_day(place: str, window: world.Window) -> int | None:
    """Number of the day of the window on which an executive first visits a store or queue; None where none does."""
    return int(FIRST_AT[place] * window.days) if place in FIRST_AT else None


def kept_after_visit(item: str, store: str, day: int, window: world.Window) -> float | None:
    """P(the item is kept) at a store that has just been visited for the first time."""
    first = first_day(store, window)
    is_lifted = item == LIFTED_ITEM and first is not None and first <= day < first + LIFTED_DAYS
    return LIFTED_KEPT if is_lifted else None


def visit_rows(window: world.Window) -> list[Row]:
    """Return the visits, each at noon (UTC); executives and, at stores, activities take turns."""
    rows = [_visit(*MANAGER_VISIT, window.days // 2, window)]
    for place in FIRST_AT:
        days = range(first_day(place, window) or 0, window.days, AGAIN_AFTER_DAYS)
        for turn, day in enumerate(days):
            activity = "listen" if place.startswith("q_") else ("floor", "serve")[turn % 2]
            rows.append(_visit(f"E-HQ-{len(rows) % world.EXECUTIVES + 1}", place, activity, day, window))
    return [row | {"visit_id": f"MV{number:04d}"} for number, row in enumerate(rows, start=1)]


def visit_truth(rows: list[Row], window: world.Window) -> dict[str, object]:
    """Count the executives' visits and their seconds by month (UTC) and activity."""
    counts = Counter((row["started_at"][:7], row["activity"]) for row in rows if row["employee_id"] != MANAGER_VISIT[0])
    return {
        "planted": {"item": LIFTED_ITEM, "kept": LIFTED_KEPT, "stores": [p for p in FIRST_AT if p.startswith("S")]},
        "first_days": {place: first_day(place, window) for place in FIRST_AT},
        "visits": {f"{month} {activity}": count for (month, activity), count in sorted(counts.items())},
        "seconds": {
            f"{month} {activity}": count * MINUTES[activity] * 60 for (month, activity), count in sorted(counts.items())
        },
    }


def _visit(employee_id: str, place: str, activity: str, day: int, window: world.Window) -> Row:
    started_at = window.start + day * world.DAY + world.DAY // 2
    ended_at = started_at + MINUTES[activity] * 60
    return {
        "employee_id": employee_id,
        "location_id": "" if place.startswith("q_") else place,
        "queue_id": place if place.startswith("q_") else "",
        "started_at": instant(started_at),
        "ended_at": instant(ended_at),
        "activity": activity,
        "source_updated_at": instant(ended_at),
        "is_deleted": flag(False),
    }
