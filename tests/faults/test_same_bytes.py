"""Files are told apart by their bytes, whose digest is taken while they are loaded."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import pytest

from support.deliveries import MEMBERS, Deliveries, members
from touchline.landing import load, spool


def test_the_digest_is_that_of_the_bytes_whether_loaded_or_refused(shared: Deliveries) -> None:
    shared.add_source("digested")
    contents = {"a.csv": MEMBERS + members(3), "b.csv": MEMBERS + members(3, 5), "c.csv": "no\nheader\n"}
    states = [shared.deliver(f"digested/{name}", content).state for name, content in contents.items()]
    assert len(contents["a.csv"]) == len(contents["b.csv"]), "other bytes of the same size"
    assert states == ["loaded", "loaded", "refused"]
    assert shared.rows("select file_name, sha256 from ops.loads where source = 'digested' order by 1") == [
        (f"digested/{name}", hashlib.sha256(content.encode()).hexdigest()) for name, content in contents.items()
    ]


def test_the_digest_is_not_waited_for_before_a_file_of_new_size_is_read(
    shared: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_read, digest = Event(), spool.sha256

    def digest_when_read(path: Path) -> str:
        assert was_read.wait(60)
        return digest(path)

    def read(*arguments: Any) -> datetime | None:
        was_read.set()
        return None

    monkeypatch.setattr(spool, "sha256", digest_when_read)
    monkeypatch.setattr(load, "complete_through", read)
    shared.add_source("ahead")
    assert shared.deliver("ahead/a.csv", MEMBERS + members(4)).loaded == 4


def test_of_two_loads_of_the_same_bytes_at_once_the_second_waits_and_finds_the_first(
    shared: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is held before it ends, until the second waits for a lock."""
    entered, go_on, through = Event(), Event(), load.complete_through
    reads: list[str] = []

    def hold(*arguments: Any) -> datetime | None:
        reads.append("read")
        entered.set()
        assert go_on.wait(60)
        return through(*arguments)

    monkeypatch.setattr(load, "complete_through", hold)
    shared.add_source("twins")
    for name in ("a.csv", "b.csv"):
        shared.put(f"twins/{name}", MEMBERS + members(6))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.land, "twins", name="twins/a.csv")
        assert entered.wait(60)
        second = pool.submit(shared.land, "twins", name="twins/b.csv")
        waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        while shared.rows(waits) == [(0,)] and not second.done():
            sleep(0.02)
        go_on.set()
        [[one], [other]] = first.result(), second.result()
    assert (one.is_new, other.is_new, other.load_id) == (True, False, one.load_id)
    assert reads == ["read"], "the second read nothing"
    assert shared.rows("select count(*) from raw.crm_contacts where _source = 'twins'") == [(6,)]
