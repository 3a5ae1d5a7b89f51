"""Changes of the service: where and when they are made, and what they make of it, counted from the files alone."""

from datetime import date, datetime, timedelta
from typing import Any

from support.plausible import is_plausible


def test_each_change_is_recorded_once_a_place(world: Any) -> None:
    rows = [row for row in world.rows("service_crm", "improvements") if row["kind"] == "change"]
    made = sorted((row["standard_code"], row["location_id"], row["changed_at"][:10]) for row in rows)
    # of 180 days to 30 June the days 111 and 171 counted from 0
    assert made == [
        ("FAREWELL", "S03", "2026-06-21"),
        ("FAREWELL", "S06", "2026-04-22"),
        ("FAREWELL", "S07", "2026-04-22"),
        ("GREET", "", "2026-04-22"),
        ("NAME", "S05", "2026-04-22"),
    ]


def test_a_change_shows_in_what_is_seen_from_its_day_on(world: Any) -> None:
    """Half of the looks before, nine in ten after; where it changes nothing, half as before."""
    looks = _looks(world)
    for item, stores, after in (("farewell", ("S06", "S07"), 0.9), ("name_used", ("S05",), 0.5)):
        own = [look for look in looks if look[0] == item and look[1] in stores]
        for first, last, share in (
            ("2026-03-25", "2026-04-21", 0.5),
            ("2026-04-22", "2026-05-20", after),
        ):
            seen = [is_kept for _, _, day, is_kept in own if first <= day <= last]
            assert len(seen) > 60
            assert is_plausible(sum(seen), len(seen), share), (item, first)


def test_the_truth_counts_four_weeks_on_either_side(world: Any) -> None:
    """A day of three looks is judged, two kept attain it; the day of the change is on neither side."""
    changed = date(2026, 4, 22)
    sides = {"before": (changed - timedelta(days=28), changed), "after": (changed + timedelta(days=1), None)}
    truth = world.truth["improvements"]["farewell_card"]
    days: dict[tuple[str, str], list[bool]] = {}
    for item, store, day, is_kept in _looks(world):
        if item == "farewell" and store in ("S06", "S07"):
            days.setdefault((store, day), []).append(is_kept)
    for side, (first, last) in sides.items():
        end = last or first + timedelta(days=28)
        judged = [
            sum(seen) >= 2
            for (_, day), seen in days.items()
            if first <= date.fromisoformat(day) < end and len(seen) == 3
        ]
        assert (truth[f"days_{side}"], truth[f"attained_{side}"]) == (len(judged), sum(judged))


def _looks(world: Any) -> list[tuple[str, str, str, bool]]:
    """Item, store, UTC day, kept."""
    return [
        (
            row["item_code"],
            row["location_id"],
            datetime.fromisoformat(row["observed_at"]).date().isoformat(),
            row["is_observed"] == "true",
        )
        for row in world.rows("store_pos", "service_observations")
    ]
