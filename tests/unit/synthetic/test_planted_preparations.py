"""What is made ready before customers come: as often as planted, counted from the files alone."""

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from support.plausible import is_plausible

SPARE = {"S04": 0.4, "S08": 0.4}
"""Stores whose team is talked to less often than elsewhere."""


def test_items_are_done_before_the_first_customer_as_often_as_planted(world: Any) -> None:
    """In time is by the first sale or return that the files hold of that store and local day."""
    zones = {row["location_id"]: ZoneInfo(row["timezone"]) for row in world.rows("store_pos", "locations")}
    first: dict[tuple[str, str], datetime] = {}
    for row in world.rows("store_pos", "transactions"):
        opened = datetime.fromisoformat(row["opened_at"])
        key = row["location_id"], datetime.fromisoformat(row["closed_at"]).astimezone(zones[row["location_id"]])
        day = (key[0], key[1].date().isoformat())
        first[day] = min(opened, first.get(day, opened))
    judged: Counter[tuple[str, str]] = Counter()
    ready: Counter[tuple[str, str]] = Counter()
    for row in world.rows("store_pos", "service_checklists"):
        met = first.get((row["location_id"], row["service_date"]))
        if row["ref_id"] == "*" and met:
            cell = row["location_id"], row["kind"]
            judged[cell] += 1
            ready[cell] += bool(row["done_at"]) and datetime.fromisoformat(row["done_at"]) <= met
    truth = world.truth["preparation"]
    assert {store for store, _ in judged} == {f"S0{number}" for number in range(1, 9)}
    for (store, kind), count in judged.items():
        share = SPARE.get(store, 0.7) if kind == "mindset" else truth["planted"][kind]
        assert is_plausible(ready[store, kind], count, share), (store, kind)
        realised = truth["realised"][store][kind]
        # papers of cases are information, too
        if kind != "information":
            assert (realised["judged"], realised["prepared"]) == (count, ready[store, kind])


def test_records_are_looked_at_in_time_or_not_as_counted(world: Any) -> None:
    cases = {row["case_id"]: row for row in world.rows("service_crm", "cases") if row["first_response_at"]}
    viewed = [row for row in cases.values() if row["record_viewed_at"]]
    late = sum(
        datetime.fromisoformat(row["record_viewed_at"]) > datetime.fromisoformat(row["first_response_at"])
        for row in viewed
    )
    truth = world.truth["preparation"]
    assert is_plausible(late, len(viewed), truth["planted_late_views"])
    # about one record in 500 is broken and missing here
    assert abs(truth["views"]["replied"] - len(cases)) <= 8
    assert abs(truth["views"]["viewed_in_time"] - (len(viewed) - late)) <= 8


def test_papers_of_a_case_are_laid_out_as_often_as_planted(world: Any) -> None:
    replied = {row["case_id"]: row["first_response_at"] for row in world.rows("service_crm", "cases")}
    papers = [row for row in world.rows("store_pos", "service_checklists") if row["ref_type"] == "case"]
    known = [row for row in papers if replied.get(row["ref_id"])]
    ready = sum(
        bool(row["done_at"])
        and datetime.fromisoformat(row["done_at"]) <= datetime.fromisoformat(replied[row["ref_id"]])
        for row in known
    )
    assert len(known) > 200
    assert is_plausible(ready, len(known), world.truth["preparation"]["planted"]["information"])
