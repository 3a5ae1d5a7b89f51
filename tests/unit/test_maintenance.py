"""Maintenance beside readers and loads, and the room it gives back. What it removes: tests/model/test_compaction.py."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from support.loading import HEADER, contact, deliver, execute, rows
from touchline import warehouse
from touchline.maintenance import maintain, room
from touchline.maintenance.run import horizon_of
from touchline.settings import Settings
from touchline.warehouse import Role

LATER = datetime.now(UTC) + timedelta(days=200)


@pytest.fixture
def overtaken(settings: Settings) -> Settings:
    """Two contacts, the first of them in two versions."""
    deliver(settings, "a.csv", HEADER + contact(1) + contact(2))
    deliver(settings, "b.csv", HEADER + contact(1).replace("Person", "Somebody"))
    execute(settings, "update ops.loads set state = 'accepted'")
    return settings


def test_a_reader_of_a_closed_month_is_not_disturbed(overtaken: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOCK_TIMEOUT", "100ms")
    with warehouse.engine(overtaken, Role.BUILDER).begin() as reader:
        assert reader.scalar(text("select count(*) from raw.crm_contacts")) == 3
        done = maintain(overtaken, at=LATER)
        assert done.versions["crm_contacts"] == 1
        assert reader.scalar(text("select count(*) from raw.crm_contacts")) == 2
    assert rows(overtaken, "select removed, vacuumed_at is not null from ops.compactions where removed > 0") == [
        (1, True)
    ]


def test_a_closed_month_is_written_anew_and_an_open_one_is_not(overtaken: Settings) -> None:
    [(part,)] = rows(overtaken, "select tableoid::regclass::text from raw.crm_contacts limit 1")
    place = f"select pg_relation_filenode('{part}')"
    before = rows(overtaken, place)
    assert maintain(overtaken, at=LATER).vacuumed == [part]
    assert rows(overtaken, place) != before
    assert maintain(overtaken, at=LATER).vacuumed == [], "nothing is due a second time"
    open_month = datetime(1990, 1, 1, tzinfo=UTC)
    execute(overtaken, "update ops.compactions set vacuumed_at = null where removed > 0")
    before = rows(overtaken, place)
    assert list(room.give_back(warehouse.engine(overtaken), open_month)) == [part]
    assert rows(overtaken, place) == before


def test_a_file_loads_while_old_rows_are_removed(overtaken: Settings) -> None:
    """The rows that go are still locked when the load begins and when it ends."""
    with warehouse.engine(overtaken).begin() as connection:
        connection.execute(text("delete from raw.crm_contacts"))
        assert deliver(overtaken, "c.csv", HEADER + contact(3)).loaded == 1


@pytest.mark.parametrize(
    ("at", "days", "horizon"),
    # 90 days before 22 November are 24 August; 1 day before 1 March is 28 February.
    [("2026-11-22T10:00Z", 90, "2026-08-01"), ("2026-03-01T00:30Z", 1, "2026-02-01")],
)
def test_the_horizon_is_the_beginning_of_a_month(at: str, days: int, horizon: str) -> None:
    found = horizon_of(Settings(keep_versions_days=days), datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(f"{horizon}T00:00+00:00")


def test_a_long_log_begins_anew_and_the_server_writes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOG_BYTES", 10)
    log = tmp_path / "postgres.log"
    with log.open("a") as server:
        server.write("a line of before\n")
        server.flush()
        room.shorten_log(tmp_path)
        server.write("later\n")
        server.flush()
    assert log.read_text() == "later\n"
    assert (tmp_path / "postgres.log.1").read_text() == "a line of before\n"
    room.shorten_log(tmp_path)
    assert log.read_text() == "later\n", "short ones stay"
