"""Service watched in the stores: whether the items of the standards were kept, store by store and day by day."""

from dataclasses import dataclass, field

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance
from touchline.synthetic.improvements import kept_since
from touchline.synthetic.recognitions import Recognition, recognise
from touchline.synthetic.render import Row, flag, instant
from touchline.synthetic.visits import kept_after_visit

OBSERVERS = Weighted({"supervisor": 0.7, "mystery_shopper": 0.3})
FIRST_HOUR, LAST_HOUR = 13, 20
"""Hours (UTC) in which every store's local day is the UTC day."""


@dataclass
class Tally:
    """What became of an item in one store."""

    measured: int = 0
    kept: int = 0
    days_judged: int = 0
    days_attained: int = 0
    longest_run: int = 0
    run: int = 0

    def add(self, looks: list[Row]) -> bool | None:
        """Count one day; two of three kept attain it, and with fewer than three made nobody judges it."""
        kept, made = sum(row["is_observed"] == flag(True) for row in looks), len(looks)
        self.measured += made
        self.kept += kept
        if made < world.OBSERVATIONS_PER_DAY:
            return None
        is_attained = kept >= 2
        self.days_judged += 1
        self.days_attained += is_attained
        self.run = self.run + 1 if is_attained else 0
        self.longest_run = max(self.longest_run, self.run)
        return is_attained


@dataclass
class Watch:
    """All observations as export rows, with what became of it by item and store, in all and day by day."""

    rows: list[Row] = field(default_factory=list)
    days: dict[str, dict[str, list[bool | None]]] = field(default_factory=dict)
    realised: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    recognitions: list[Recognition] = field(default_factory=list)


def watch_stores(rng: np.random.Generator, learning: np.random.Generator, window: world.Window) -> Watch:
    """Watch each item in each store every day; on some days there is time for one or two looks only."""
    watch = Watch()
    for item, stores in world.LIVED_IN.items():
        for store in (location.location_id for location in world.STORES):
            usual = world.KEPT_WHERE_LIVED if store in stores else world.KEPT_ELSEWHERE
            days = [_watch_day(rng, item, store, number, usual, window) for number in range(window.days)]
            watch.recognitions += recognise(item, store, days, learning, window)
            tally = Tally()
            watch.days.setdefault(item, {})[store] = [tally.add(looks) for looks in days]
            watch.realised.setdefault(item, {})[store] = {
                name: value for name, value in vars(tally).items() if name != "run"
            }
            watch.rows += [row for looks in days for row in looks]
    for position, row in enumerate(watch.rows, start=1):
        row["observation_id"] = f"OB{position:06d}"
    return watch


def _watch_day(
    rng: np.random.Generator, item: str, store: str, number: int, usual: float, window: world.Window
) -> list[Row]:
    place = (item, store, number, window)
    looks = _looks(rng, kept_since(*place) or kept_after_visit(*place) or usual)
    return [_row(rng, store, item, window.start + number * world.DAY, is_kept) for is_kept in looks]


def _looks(rng: np.random.Generator, share: float) -> list[bool]:
    made = between(rng, 1, 2) if chance(rng, world.THIN_DAY_SHARE) else world.OBSERVATIONS_PER_DAY
    return [chance(rng, share) for _ in range(made)]


def _row(rng: np.random.Generator, location_id: str, item: str, day: int, is_kept: bool) -> Row:
    observed_at = day + between(rng, FIRST_HOUR * world.HOUR, LAST_HOUR * world.HOUR)
    return {
        "location_id": location_id,
        "employee_id": f"E-{location_id}-{between(rng, 2, world.EMPLOYEES_PER_STORE)}",
        "observed_at": instant(observed_at),
        "item_code": item,
        "is_observed": flag(is_kept),
        "observer": OBSERVERS.draw(rng),
        "source_updated_at": instant(observed_at),
        "is_deleted": flag(False),
    }
