"""When places are open and who asks them then: counted from the files alone, as planted."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from support.plausible import is_plausible

Windows = dict[tuple[str, int], list[tuple[str, str]]]


def opening_windows(world: Any) -> Windows:
    windows: Windows = defaultdict(list)
    for row in world.rows("store_pos", "location_hours"):
        windows[row["location_id"], int(row["weekday"])].append((row["opens"], row["closes"]))
    return windows


def zones(world: Any) -> dict[str, ZoneInfo]:
    return {row["location_id"]: ZoneInfo(row["timezone"]) for row in world.rows("store_pos", "locations")}


def test_no_place_closes_before_it_opens_and_online_never(world: Any) -> None:
    windows = opening_windows(world)
    assert all(opens < closes for own in windows.values() for opens, closes in own)
    for weekday in range(1, 8):
        assert windows["S01", weekday] == [("09:00", "18:00")]
        assert windows["S07", weekday] == [("09:00", "18:00"), ("20:00", "22:00")]
        assert windows["S90", weekday] == windows["S91", weekday] == [("00:00", "24:00")]
    assert {place for place, _ in windows} == set(zones(world)) - {"S08"}


def test_who_asks_a_place_and_when_is_as_counted(world: Any) -> None:
    """Nobody raises a case in person; a place named by a case is that of the order it is about."""
    windows, zone = opening_windows(world), zones(world)
    holidays = {(row["location_id"], row["holiday_date"]) for row in world.rows("store_pos", "holidays")}

    def state(place: str, at: str) -> str:
        local = datetime.fromisoformat(at).astimezone(zone[place])
        if not any(key[0] == place for key in windows):
            return "unknown"
        if not any(opens <= f"{local:%H:%M}" < closes for opens, closes in windows[place, local.isoweekday()]):
            return "closed"
        return "on_holidays" if (place, local.date().isoformat()) in holidays else "open"

    found: dict[str, Counter[str]] = {place: Counter(contacts=0, door=0) for place in zone}
    for row in latest_cases(world):
        assert row["origin_channel"] in ("phone", "email", "chat")
        if place := row["location_id"]:
            found[place].update(("contacts", f"contacts_{state(place, row['created_at'])}"))
    for row in world.rows("store_pos", "transactions"):
        if row["channel"] == "store":
            found[row["location_id"]].update(("door", f"door_{state(row['location_id'], row['opened_at'])}"))
    assert world.truth["coverage"]["places"] == found
    assert found["S07"]["contacts_closed"]
    assert found["S01"]["door_on_holidays"]
    assert found["S08"]["contacts_unknown"]


def latest_cases(world: Any) -> list[dict[str, str]]:
    versions = sorted(world.rows("service_crm", "cases"), key=lambda row: str(row["source_updated_at"]))
    return list({row["case_id"]: row for row in versions}.values())


def test_the_share_in_hours_follows_from_the_clock(world: Any) -> None:
    """People write and call between 13:00 and 22:00 UTC, at any minute alike; in May and June no holiday is near.

    That is 15:00 to 24:00 in Berlin: 15-18 and 20-22 are 5 hours of 9. It is 8:00 to 17:00 in Chicago, of which 8
    hours of 9 are open, and 9:00 to 18:00 in New York: all of them, but for who is put through after 18:00.
    """
    zone, counts = zones(world), dict.fromkeys(("Europe/Berlin", "America/Chicago", "America/New_York"), (0, 0))
    windows = opening_windows(world)
    for row in latest_cases(world):
        place, at = row["location_id"], datetime.fromisoformat(row["created_at"])
        if place and (place, 1) in windows and place < "S90" and at.month in (5, 6):
            local = at.astimezone(zone[place])
            is_open = any(opens <= f"{local:%H:%M}" < closes for opens, closes in windows[place, local.isoweekday()])
            cases, in_hours = counts[zone[place].key]
            counts[zone[place].key] = (cases + 1, in_hours + is_open)
    (berlin, berlin_open), (chicago, chicago_open), (new_york, new_york_open) = counts.values()
    assert berlin > 50
    assert is_plausible(berlin_open, berlin, 5 / 9)
    assert is_plausible(chicago_open, chicago, 8 / 9)
    assert new_york_open / new_york > 0.98
