"""How the stores' employees feel: in a month, as service of the next month will be; else their own."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import chance
from touchline.synthetic.observations import Watch
from touchline.synthetic.render import Row, flag, instant, number

SCALE = (0, 100)
MIDDLE, SPREAD = 50, 12
"""Points of the scale: the mean mood and its standard deviation."""
ANSWER_DAY = 14
"""Days after the first of a month when everybody answers."""

Shares = dict[str, dict[str, float]]
"""Store → month (YYYY-MM) → share of observed items kept."""


@dataclass
class Moods:
    """The surveys as export rows, and how many months of stores they foretell."""

    rows: list[Row] = field(default_factory=list)
    foretold: int = 0


def ask_employees(watch: Watch, rng: np.random.Generator, window: world.Window) -> Moods:
    """Ask every employee of each store once a month.

    The mood of a store is `MOOD_FORETELLS_QUALITY` times the service of the month after, less what is usual in that
    store and that month and in its standard deviations, and for the rest its own. The last month foretells nothing.
    """
    kept = _kept(watch)
    months = sorted({month for of_store in kept.values() for month in of_store})
    ahead = _unusual(kept, months)
    moods = Moods()
    for column, month in enumerate(months):
        asked_at = int(datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC).timestamp()) + ANSWER_DAY * world.DAY
        if not window.start <= asked_at < window.stop:
            continue
        for place, store in enumerate(sorted(kept)):
            own = float(rng.normal())
            mood = own
            if column + 1 < len(months):
                share = world.MOOD_FORETELLS_QUALITY
                mood = share * float(ahead[place, column + 1]) + sqrt(1 - share * share) * own
                moods.foretold += 1
            moods.rows += [
                _answer(rng, store, employee, asked_at, mood) for employee in range(world.EMPLOYEES_PER_STORE)
            ]
    for position, row in enumerate(moods.rows, start=1):
        row["response_id"] = f"SM{position:06d}"
    return moods


def _kept(watch: Watch) -> Shares:
    """What a mood may foretell: what peers took up from a role model came later and is not in it."""
    taken_up = {row["observation_id"] for one in watch.recognitions for row in one.taken_up}
    looks: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in watch.rows:
        tally = looks[row["location_id"]][row["observed_at"][:7]]
        tally[0] += row["is_observed"] == "true" and row["observation_id"] not in taken_up
        tally[1] += 1
    return {store: {month: kept / made for month, (kept, made) in months.items()} for store, months in looks.items()}


def _unusual(kept: Shares, months: list[str]) -> np.ndarray:
    """Stores by months: what neither the store nor the month explains, in its standard deviations."""
    table = np.array([[kept[store][month] for month in months] for store in sorted(kept)])
    table = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    spread = float(table.std())
    return np.asarray(table / spread) if spread > 1e-9 else table


def _answer(rng: np.random.Generator, store: str, employee: int, asked_at: int, mood: float) -> Row:
    points = min(max(MIDDLE + SPREAD * mood, SCALE[0]), SCALE[1] - 1)
    return {
        "survey_type": "employee",
        "survey_version": "v1",
        "employee_id": f"E-{store}-{employee + 1}",
        "location_id": store,
        "sent_at": instant(asked_at),
        "responded_at": instant(asked_at + world.HOUR * (1 + employee)),
        "survey_channel": "email",
        "score": number(int(points) + chance(rng, points - int(points))),
        "scale_min": number(SCALE[0]),
        "scale_max": number(SCALE[1]),
        "higher_is_better": flag(True),
        "source_updated_at": instant(asked_at + world.HOUR * (1 + employee)),
        "is_deleted": flag(False),
    }
