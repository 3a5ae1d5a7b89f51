"""Opening hours, demand out of them and self-service: counted from the files alone, as planted."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")


def test_calls_in_and_out_of_hours_are_those_of_the_truth(world: Any) -> None:
    windows: dict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
    for row in world.rows("voice_center", "queue_hours"):
        windows[row["queue_id"], int(row["weekday"])].append((row["opens"], row["closes"]))
    assert not any(weekday == 7 for _, weekday in windows)
    legs = {row["contact_id"]: row for row in world.rows("voice_center", "contacts")}
    calls = [row for row in legs.values() if row["initiation_method"] == "inbound"]
    in_hours = 0
    for row in calls:
        local = datetime.fromisoformat(row["initiated_at"]).astimezone(ZONE)
        clock = f"{local:%H:%M}"
        in_hours += any(opens <= clock < closes for opens, closes in windows[row["queue_id"], local.isoweekday()])
    assert world.truth["coverage"]["demand"] == {"calls": len(calls), "in_hours": in_hours}
    assert 0.3 < in_hours / len(calls) < 0.9


def test_self_service_is_contained_as_often_as_counted(world: Any) -> None:
    truth = world.truth["coverage"]
    written = defaultdict(list)
    for row in world.rows("service_crm", "cases"):
        written[row["contact_id"]].append(datetime.fromisoformat(row["created_at"]))
    end = datetime.fromisoformat(world.truth["arguments"]["end"] + "T00:00:00+00:00")
    week = timedelta(days=7)
    judged = contained = 0
    for row in world.rows("service_crm", "digital_events"):
        at = datetime.fromisoformat(row["occurred_at"])
        if at + week <= end - timedelta(days=1):
            judged += 1
            contained += not any(at < created <= at + week for created in written[row["contact_id"]])
    assert (judged, contained) == (truth["self_service"]["judged"], truth["self_service"]["contained"])
