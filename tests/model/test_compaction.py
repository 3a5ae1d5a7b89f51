"""Maintenance takes from schema `raw` what no build needs: the marts, made in full or by what is new, stay the same.

The tests follow one warehouse. Its first maintenance is killed again and again; each build is held against the
reference model, which knows all that was ever delivered.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support import killed_maintenance
from support.journey import Journey
from support.plain_records import NOON, call, case, contact, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START
from touchline import steps, warehouse
from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.maintenance import maintain

ROOT = Path(__file__).resolve().parents[2]
LATER = datetime.now(UTC) + timedelta(days=200)
"""Every load of today lies before the horizon then: 200 > 90 + 31 days."""
MOVED = NOON + timedelta(days=4)


def location(name: str) -> dict[str, object]:
    return {"location_id": "L0", "name": name, "timezone": "America/New_York"}


@pytest.fixture(scope="module")
def journey(empty_warehouse: Callable[[str], TinyWarehouse]) -> Journey:
    """Records with older versions of every kind, two builds published."""
    begun = Journey(empty_warehouse, START + timedelta(days=10))
    begun.deliver("till", "locations", [(1, location("one"))])
    begun.deliver("till", "transactions", [(1, sale(f"s{number}", number)) for number in range(4)])
    begun.deliver("desk", "contacts", [(1, contact("k0")), (1, contact("k1"))])
    begun.deliver("desk", "cases", [(1, case("q0", "k0")), (1, case("q1", None, order_ref="s1"))])
    begun.deliver("line", "contacts", [(1, call("l0", 0))])
    begun.build()
    begun.deliver("till", "locations", [(1, location("two"))])
    # s0 has three versions and one of them twice, s1 is gone; q0 was opened four days later than was said at first.
    begun.deliver("till", "transactions", [(2, sale("s0", 1)), (2, sale("s1", 1, is_deleted=True))])
    begun.deliver("till", "transactions", [(3, sale("s0", 2)), (2, sale("s0", 1))])
    begun.deliver("desk", "cases", [(2, case("q0", "k0", MOVED))])
    begun.deliver("till", "locations", [(1, location("three"))])
    begun.deliver("line", "contacts", [(2, call("l0", 1)), (1, call("l9", 1))])
    withdrawn = begun.loads[-1]
    begun.build()
    begun.house.execute("update ops.loads set state = 'superseded' where load_id = :id", id=withdrawn.load_id)
    withdrawn.state = "rejected"
    return begun


def raw_rows(house: TinyWarehouse, table: str) -> int:
    return len(house.rows(f"raw.{table}"))


@contextmanager
def held(house: TinyWarehouse, lock: int) -> Iterator[None]:
    with warehouse.advisory_lock(warehouse.engine(house.settings), lock, "busy"):
        yield


def test_it_waits_for_nobody_and_takes_nothing_meanwhile(journey: Journey) -> None:
    house = journey.house
    before = raw_rows(house, "pos_transactions")
    for lock, word in ((Lock.BUILD, "A build is under way"), (Lock.MAINTAIN, "under way already")):
        with held(house, lock), pytest.raises(TouchlineError, match=word):
            maintain(house.settings, at=LATER)
    with held(house, Lock.TOKENS), pytest.raises(TouchlineError, match="Tokens are being moved"):
        maintain(house.settings, at=LATER)
    assert raw_rows(house, "pos_transactions") == before


def test_what_is_young_stays(journey: Journey) -> None:
    done = maintain(journey.house.settings)
    assert set(done.versions.values()) == {0}
    assert (done.loads, done.vacuumed) == ({}, [])


def test_killed_again_and_again_it_leaves_the_newest_versions(journey: Journey) -> None:
    house = journey.house
    command = [sys.executable, killed_maintenance.__file__, str(house.settings.home), str(ROOT)]
    command += [house.settings.database_url.get_secret_value(), LATER.isoformat()]
    path = os.pathsep.join([str(ROOT / "plugins"), str(ROOT / "tests")])
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) >= 8
    # Each in its newest version; s1's says that it is gone.
    assert sorted((row["transaction_id"], row["customer_ref"]) for row in house.rows("raw.pos_transactions")) == [
        ("s0", "c2"),
        ("s1", "c1"),
        ("s2", "c2"),
        ("s3", "c3"),
    ]
    assert [row["created_at"] for row in house.rows("raw.crm_cases") if row["case_id"] == "q0"] == [MOVED]


def test_the_latest_two_snapshots_stay(journey: Journey) -> None:
    assert {row["name"] for row in journey.house.rows("raw.pos_locations")} == {"two", "three"}


def test_a_load_goes_once_no_table_stands_on_a_build_that_read_it(journey: Journey) -> None:
    """What is staged came from it: the next build must be able to see which keys it had touched."""
    house = journey.house
    assert raw_rows(house, "call_center_contacts") == 3
    journey.build()
    done = maintain(house.settings, at=LATER)
    assert sum(done.loads.values()) == 2
    assert [row["contact_id"] for row in house.rows("raw.call_center_contacts")] == ["l0"]


def test_a_full_refresh_and_what_is_new_give_the_same_marts(journey: Journey) -> None:
    before = journey.house.digests("marts")
    journey.build(full_refresh=True)
    assert journey.house.digests("marts") == before
    journey.deliver("till", "transactions", [(2, sale("s2", 0)), (1, sale("s1", 3))])
    journey.deliver("desk", "cases", [(3, case("q0", "k1", MOVED))])
    journey.build()
    journey.check_full()


def test_readers_can_go_back(journey: Journey) -> None:
    journey.roll_back()
    journey.roll_back()


def test_an_as_of_that_needs_older_versions_is_refused(journey: Journey) -> None:
    """Between q0's first opening and the one it has now, its first version was the newest that had happened."""
    house = journey.house
    word = f"needs older versions of rows .* raw.crm_cases; from {MOVED:%F %T} UTC on"
    with pytest.raises(TouchlineError, match=re.compile(word, re.DOTALL)):
        steps.start_build(house.settings, NOON + timedelta(days=1))
    for instant, cases in ((NOON - timedelta(days=1), set()), (MOVED, {"desk/q0", "desk/q1"})):
        house.build(as_of=instant)
        assert {row["case_key"] for row in house.rows("marts_next.fct_cases")} == cases


def test_detail_goes_that_nobody_stands_on(journey: Journey) -> None:
    house = journey.house
    for number in range(3):
        journey.deliver("line", "contacts", [(number + 5, call("l0", number))])
        journey.build()
    oldest = min(int(label) for label in _labels(house))
    assert oldest > 1
    done = maintain(house.settings, at=LATER)
    assert done.history["ops.build_loads"] > 0
    assert {row["build_id"] for row in house.rows("ops.build_loads")} == {
        row["build_id"] for row in house.rows("ops.builds") if row["build_id"] >= oldest
    }
    journey.deliver("line", "contacts", [(9, call("l1", 1))])
    journey.build()
    journey.check_full()


def test_a_snapshot_that_was_compacted_is_no_base_of_a_build(journey: Journey) -> None:
    house = journey.house
    journey.deliver("till", "locations", [(1, location("four"))])
    journey.build()
    maintain(house.settings, at=LATER + timedelta(days=40))
    snapshots = [load for load in journey.loads if load.export == "locations"]
    for load in snapshots[1:]:
        house.withdraw(load)
    with pytest.raises(TouchlineError, match=r"The newest usable snapshot, till/locations_\d+.csv, was compacted"):
        steps.start_build(house.settings)


def test_a_version_stays_until_the_next_one_has_happened(journey: Journey) -> None:
    journey.deliver("till", "transactions", [(2, sale("s3", 3, datetime(2199, 1, 1, tzinfo=UTC)))])
    maintain(journey.house.settings, at=LATER + timedelta(days=80))
    versions = [
        row["closed_at"].year for row in journey.house.rows("raw.pos_transactions") if row["transaction_id"] == "s3"
    ]
    assert sorted(versions) == [2026, 2199]


def test_staging_reads_versions_as_compaction_does() -> None:
    """By the contract's key, and by the instant of the event that completeness is told by."""
    contracts = load_contracts(ROOT / "expectations" / "contracts")
    call = re.compile(
        r"newest_version\(\s*source\('raw_(\w+)', '(\w+)'\),\s*\[(.*?)\](?:,\s*event_at='(\w+)')?\s*\)", re.DOTALL
    )
    models = sorted((ROOT / "dbt_project" / "models" / "staging").rglob("*.sql"))
    assert models
    for model in models:
        kind, table, keys, event = call.search(model.read_text()).groups()
        contract = contracts[kind, table.removeprefix(f"{kind}_")]
        assert re.findall(r"\w+", keys) == [column.raw_name for column in contract.key], model.name
        assert event == contract.completeness_column, model.name


def _labels(house: TinyWarehouse) -> list[str]:
    with warehouse.engine(house.settings).connect() as connection:
        found = connection.exec_driver_sql(
            "select substring(obj_description(c.oid, 'pg_class') from '^build ([0-9]+)') from pg_class c"
            " join pg_namespace n on n.oid = relnamespace"
            " where nspname in ('staging', 'intermediate', 'working', 'marts', 'marts_previous', 'marts_idle')"
            " and relkind = 'r'"
        )
        return [label for (label,) in found if label]
