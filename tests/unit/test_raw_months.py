"""Raw tables are partitioned by load month: each load finds its place, whatever the clock and whoever is at work."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from support.loading import HEADER, contact, deliver, execute, rows
from touchline import raw_months, warehouse
from touchline.settings import Settings
from touchline.warehouse import Role

MONTHS = "select partition_name, since, until from ops.raw_months where table_name = 'crm_contacts' order by until"


def this_month() -> datetime:
    return datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month() -> datetime:
    return (this_month() + timedelta(days=32)).replace(day=1)


@pytest.fixture
def ended(settings: Settings) -> Settings:
    """A warehouse whose last partition of contacts ended three months ago."""
    long_ago = (this_month() - timedelta(days=65)).replace(day=1)
    execute(
        settings,
        f"""
        alter table raw.crm_contacts detach partition raw.crm_contacts_{this_month():%Y_%m};
        alter table raw.crm_contacts attach partition raw.crm_contacts_{this_month():%Y_%m}
            for values from (minvalue) to ('{long_ago.isoformat()}')
        """,
    )
    execute(settings, f"alter table raw.crm_contacts_{this_month():%Y_%m} rename to crm_contacts_old")
    return settings


@contextmanager
def reading(settings: Settings, table: str) -> Iterator[Connection]:
    """A build that has the table open."""
    with warehouse.engine(settings, Role.BUILDER).begin() as connection:
        connection.execute(text(f"select count(*) from {table}"))
        yield connection


def test_a_new_table_begins_with_this_month_and_all_before(settings: Settings) -> None:
    assert rows(settings, MONTHS) == [(f"crm_contacts_{this_month():%Y_%m}", None, next_month())]
    execute(
        settings,
        "insert into raw.crm_contacts (contact_id, is_deleted, _source, _load_id, _record_number, _version_at,"
        " _payload_hash, _loaded_at) values ('c', false, 's', 1, 1, now(), gen_random_uuid(), '1970-01-01')",
    )


def test_a_load_makes_the_partition_it_needs_and_waits_for_no_reader(ended: Settings) -> None:
    with reading(ended, "raw.crm_contacts"):
        assert deliver(ended, "a.csv", HEADER + contact(1)).loaded == 1
    old, new = rows(ended, MONTHS)
    assert new[0].startswith("crm_contacts_20")
    assert new[1] == old[2], "no gap between the months"
    assert new[2] >= next_month()
    assert rows(ended, "select tableoid::regclass::text from raw.crm_contacts") == [(f"raw.{new[0]}",)]
    assert rows(ended, f"select count(*) from pg_index where indrelid = 'raw.{new[0]}'::regclass") == [(3,)]
    options = f"select reloptions from pg_class where relkind = 'i' and relname = '{new[0]}__load_id_idx'"
    assert rows(ended, options) == [(["autosummarize=on", "pages_per_range=16"],)]


def test_the_builder_reads_a_new_month_and_owns_nothing_of_it(ended: Settings) -> None:
    deliver(ended, "a.csv", HEADER + contact(1))
    name = rows(ended, MONTHS)[-1][0]
    rights = "has_table_privilege('touchline_builder', 'raw.{0}', '{1}')"
    assert rows(ended, f"select {rights.format(name, 'select')}, {rights.format(name, 'insert')}") == [(True, False)]
    assert rows(ended, f"select tableowner from pg_tables where tablename = '{name}'") == [("touchline_loader",)]


def test_two_loads_at_once_make_one_partition(ended: Settings) -> None:
    def load(number: int) -> Any:
        return deliver(ended, f"{number}.csv", HEADER + contact(number)).state

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(load, (1, 2))) == ["loaded", "loaded"]
    assert len(rows(ended, MONTHS)) == 2
    assert rows(ended, "select count(*) from raw.crm_contacts") == [(2,)]


def test_a_load_under_way_does_not_keep_the_next_one_waiting(ended: Settings) -> None:
    """The first load still writes into the old month when the second one needs a new partition."""
    with warehouse.engine(ended, Role.LOADER).begin() as connection:
        connection.execute(text("set local lock_timeout = '5s'"))
        connection.execute(text("lock table raw.crm_contacts in row exclusive mode"))
        assert deliver(ended, "a.csv", HEADER + contact(1)).loaded == 1


def test_nothing_is_made_while_there_is_room(settings: Settings) -> None:
    if next_month() - datetime.now(UTC) > timedelta(days=1):
        assert raw_months.ensure_months(warehouse.engine(settings, Role.LOADER), ["crm_contacts"]) == []
    assert raw_months.ensure_months(warehouse.engine(settings, Role.LOADER), []) == []


@pytest.mark.parametrize(
    ("until", "name"),
    [(datetime(2027, 1, 1, tzinfo=UTC), "t_2026_12"), (datetime(2026, 12, 1, tzinfo=UTC), "t_2026_11")],
)
def test_a_partition_is_named_after_its_last_month(until: datetime, name: str) -> None:
    assert raw_months.partition_name("t", until) == name
