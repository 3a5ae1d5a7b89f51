"""What the company changes about its service, where and since when, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from touchline.synthetic import world
from touchline.synthetic.render import Row, flag, instant


@dataclass(frozen=True)
class Change:
    """A change on a day `at` (share of the window), at some stores or, without any, everywhere.

    `kept`: P(an observed item of the standard is kept there from then on); None where it changes nothing.
    """

    standard: str
    item: str
    at: float
    stores: tuple[str, ...] = ()
    kept: float | None = None

    def day(self, window: world.Window) -> int:
        """Number of the day in the window."""
        return int(self.at * window.days)


# Neither raises a store to another rung: what is missing below these standards is missing before and after.
CHANGES = {
    "farewell_card": Change("FAREWELL", "farewell", 0.62, ("S06", "S07"), kept=0.90),
    "name_badges": Change("NAME", "name_used", 0.62, ("S05",)),
    "greeting_poster": Change("GREET", "greeting", 0.62),
    "too_new_to_judge": Change("FAREWELL", "farewell", 0.95, ("S03",)),
}
JUDGED_DAYS = 28

Days = Mapping[str, Mapping[str, Sequence[bool | None]]]
"""Item → store → whether each day attained the standard; None where too little was seen."""


def kept_since(item: str, store: str, day: int, window: world.Window) -> float | None:
    """P(the item is kept) at a store where a change has taken hold by that day."""
    for change in CHANGES.values():
        if change.item == item and store in change.stores and change.kept and day >= change.day(window):
            return change.kept
    return None


def improvement_rows(window: world.Window) -> list[Row]:
    """Return one record for each change and store, in effect at noon (UTC), a time of one and the same local day."""
    rows: list[Row] = []
    for change in CHANGES.values():
        changed_at = instant(window.start + change.day(window) * world.DAY + world.DAY // 2)
        for store in change.stores or ("",):
            rows.append(
                {
                    "improvement_id": f"IM{len(rows) + 1:04d}",
                    "kind": "change",
                    "standard_code": change.standard,
                    "touchpoint_code": "store_purchase",
                    "location_id": store,
                    "changed_at": changed_at,
                    "source_updated_at": changed_at,
                    "is_deleted": flag(False),
                }
            )
    return rows


def improvement_truth(days: Days, window: world.Window) -> dict[str, dict[str, object]]:
    """Count the judged and attained days of the changed stores in the four weeks before and after."""
    return {
        name: {
            "standard": change.standard,
            "stores": list(change.stores),
            "kept": change.kept,
            **_counted("before", days, change, change.day(window) - JUDGED_DAYS),
            **_counted("after", days, change, change.day(window) + 1),
        }
        for name, change in CHANGES.items()
    }


def _counted(side: str, days: Days, change: Change, first: int) -> dict[str, int]:
    judged = [
        is_attained
        for store, seen in days[change.item].items()
        if store in change.stores or not change.stores
        for is_attained in seen[max(first, 0) : max(first + JUDGED_DAYS, 0)]
        if is_attained is not None
    ]
    return {f"days_{side}": len(judged), f"attained_{side}": sum(judged)}
