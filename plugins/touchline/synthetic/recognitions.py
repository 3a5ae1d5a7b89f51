"""Employees held up as an example of one item of a standard, and whether their peers take it up."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import chance
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.voice import agent_employee

LEARNING_DAYS = 28
"""The best record of so many days is recognised; for so many days after it peers take it up, or do not."""

Looks = list[list[Row]]
"""What was seen of one item in one store, day by day."""


@dataclass(frozen=True)
class Honour:
    """An item for which somebody is recognised in a store at noon (UTC), so many days before the window ends."""

    standard: str
    item: str
    store: str
    days_left: int
    is_learned: bool = False

    def day(self, window: world.Window) -> int:
        """Number of the day in the window."""
        return max(window.days - self.days_left, 1)


# Peers learn in the last month, which is not over for any report on months: no other planted figure moves.
HONOURS = (
    Honour("NAME", "name_used", "S06", 30, is_learned=True),
    Honour("NAME", "name_used", "S07", 30, is_learned=True),
    Honour("NAME", "name_used", "S08", 30, is_learned=True),
    Honour("FAREWELL", "farewell", "S04", 30),
    Honour("GREET", "greeting", "S02", 90),
    Honour("GREET", "greeting", "S05", 9),
)
PLACELESS = (agent_employee(2), 0.50)
"""Somebody who serves at no store is recognised, and nobody says for what."""


@dataclass(frozen=True)
class Recognition:
    """Who was recognised for what, with the looks at them and at their peers: kept, made.

    Sides: the weeks before those for which they were chosen, these, and the weeks after.
    """

    honour: Honour
    employee_id: str
    seen: dict[str, tuple[int, int]]
    taken_up: list[Row]
    """Looks that found kept what would have been missed."""


def recognise(item: str, store: str, days: Looks, rng: np.random.Generator, window: world.Window) -> list[Recognition]:
    """Recognise the best of the weeks before where the plan says so, and turn misses of their peers in those after.

    The looks are changed in place. Whoever was the best of equals was so by chance and goes on as before.
    """
    found = []
    for honour in HONOURS:
        if (honour.item, honour.store) != (item, store):
            continue
        day = honour.day(window)
        chosen = _between(days, day - LEARNING_DAYS, day)
        after = _between(days, day + 1, day + 1 + LEARNING_DAYS)
        best = _best(chosen)
        peers = [row for row in after if row["employee_id"] != best]
        taken_up = _learn(peers, rng) if honour.is_learned else []
        before = _between(days, day - 2 * LEARNING_DAYS, day - LEARNING_DAYS)
        seen = {
            f"{who}_{side}": _counted([row for row in rows if (row["employee_id"] == best) == (who == "own")])
            for side, rows in (("before", before), ("chosen", chosen), ("after", after))
            for who in ("own", "peers")
        }
        found.append(Recognition(honour, best, seen, taken_up))
    return found


def recognition_rows(found: list[Recognition], window: world.Window) -> list[Row]:
    """Return the recognitions as export rows."""
    rows = [_row(one.employee_id, "role_model", one.honour.standard, one.honour.day(window), window) for one in found]
    employee_id, at = PLACELESS
    rows.append(_row(employee_id, "award", "", int(at * window.days), window))
    return [row | {"recognition_id": f"RC{number:04d}"} for number, row in enumerate(rows, start=1)]


def recognition_truth(found: list[Recognition]) -> dict[str, object]:
    """What peers learn of each practice, and what was seen of whom."""
    learned = (1 - world.KEPT_ELSEWHERE) * world.LEARNED_SHARE
    practices = {one.standard: learned if one.is_learned else 0.0 for one in HONOURS}
    return {
        "planted": practices,
        "realised": {
            f"{one.honour.standard} {one.honour.store}": {"employee_id": one.employee_id} | one.seen for one in found
        },
    }


def _between(days: Looks, first: int, stop: int) -> list[Row]:
    return [row for looks in days[max(first, 0) : max(stop, 0)] for row in looks]


def _best(rows: list[Row]) -> str:
    """The employee of the greatest share kept, the first by key among equals."""
    own: dict[str, list[bool]] = {}
    for row in rows:
        own.setdefault(row["employee_id"], []).append(row["is_observed"] == flag(True))
    return min(own, key=lambda employee: (-sum(own[employee]) / len(own[employee]), employee))


def _learn(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    turned = [row for row in rows if row["is_observed"] == flag(False) and chance(rng, world.LEARNED_SHARE)]
    for row in turned:
        row["is_observed"] = flag(True)
    return turned


def _counted(rows: list[Row]) -> tuple[int, int]:
    return sum(row["is_observed"] == flag(True) for row in rows), len(rows)


def _row(employee_id: str, kind: str, standard: str, day: int, window: world.Window) -> Row:
    recognised_at = instant(window.start + day * world.DAY + world.DAY // 2)
    return {
        "employee_id": employee_id,
        "kind": kind,
        "standard_code": standard,
        "recognised_at": recognised_at,
        "source_updated_at": recognised_at,
        "is_deleted": flag(False),
    }
