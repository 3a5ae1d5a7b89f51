"""The same bytes, names and keys again: nothing counts twice, whatever the order of arrival."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from support.deliveries import MEMBERS, Deliveries, members
from touchline import steps, warehouse
from touchline.landing.store_errors import LocationError
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SALES = "transaction_id,location_id,channel,closed_at,status,total,source_updated_at,is_deleted\n"


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def sale(name: str, total: str, updated: datetime | None = None, deleted: str = "", closed: str = "2026-01-01") -> str:
    version = updated.isoformat() if updated else ""
    return f"{name},L1,store,{closed},completed,{total},{version},{deleted}\n"


class TestFiles:
    def test_the_same_file_renamed_is_known(self, shared: Deliveries) -> None:
        shared.add_source("renamed")
        first = shared.deliver("renamed/a.csv", MEMBERS + members(3))
        again = shared.deliver("renamed/b.csv", MEMBERS + members(3))
        assert (first.is_new, again.is_new, again.load_id) == (True, False, first.load_id)
        assert shared.rows("select count(*) from raw.crm_contacts where _source = 'renamed'") == [(3,)]

    def test_the_same_name_with_new_bytes_is_another_load(self, shared: Deliveries) -> None:
        shared.add_source("refilled")
        first = shared.deliver("refilled/a.csv", MEMBERS + members(3))
        again = shared.deliver("refilled/a.csv", MEMBERS + members(4))
        assert (again.is_new, again.load_id > first.load_id, again.loaded) == (True, True, 4)

    def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
        self, shared: Deliveries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The sender appends to the file after its digest was taken, before it is read."""
        from touchline.landing import spool

        shared.add_source("growing")
        path = shared.put("growing/a.csv", MEMBERS + members(2))
        digest = spool.sha256

        def digest_then_grow(file: Path) -> str:
            found = digest(file)
            if file == path and "m2," not in file.read_text():
                with file.open("a") as out:
                    out.write(members(1, 2))
            return found

        monkeypatch.setattr(spool, "sha256", digest_then_grow)
        with pytest.raises(LocationError, match="The file changed while it was read"):
            shared.land("growing")
        [second] = shared.land("growing")
        assert (second.state, second.loaded) == ("loaded", 3)


# One source for each order of arrival: the same files, a warehouse of its own each in all but name.
EXPORTS: dict[str, tuple[datetime, str]] = {
    # Without versions of their own, records are as old as their file.
    "first.csv": (day(1), sale("t1", "1.00") + sale("t2", "2.00") + sale("t3", "3.00") + sale("t4", "4.00")),
    # Overlaps the first: t1 corrected, t2 withdrawn, t3 the same again, t5 new; of t6 two versions in one file.
    "second.csv": (
        day(2),
        sale("t1", "1.50") + sale("t2", "2.00", deleted="true") + sale("t3", "3.00") + sale("t5", "5.00")
        + sale("t6", "6.00", day(4)) + sale("t6", "6.60", day(3)),
    ),
    # t4 ties with the fourth file by its version; t2 comes back after its withdrawal.
    "third.csv": (day(3), sale("t4", "4.40", day(5)) + sale("t2", "2.20")),
    "fourth.csv": (day(4), sale("t4", "4.44", day(5)) + sale("t1", "1.00", day(1)) + sale("t7", "7.00", day(6))
                   + sale("t7", "7.00", day(6), deleted="true")),
}  # fmt: skip
ORDERS = list(itertools.permutations(EXPORTS))
SNAPSHOTS = {
    "monday.csv": (day(1), range(100)),
    "tuesday.csv": (day(2), range(5, 90)),
    "friday.csv": (day(5), range(70)),
}
"""Tuesday lacks 15 of 100, Friday 15 of 85: both believed. Against Monday alone Friday would lack 30."""


@pytest.fixture(scope="module")
def staged(make_database: Callable[[], str], dbt_here: None, tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    """All orders landed, judged and staged by one build."""
    folder = tmp_path_factory.mktemp("orders")
    settings = Settings(home=folder / "home", project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(settings)
    made = Deliveries.of(settings, folder)
    for number, order in enumerate(ORDERS):
        made.add_source(f"till_{number:02d}", "pos", "transactions")
        for name in order:
            at, lines = EXPORTS[name]
            made.deliver(f"till_{number:02d}/{name}", SALES + lines, at)
    judge_all(made)
    for number, order in enumerate(itertools.permutations(SNAPSHOTS)):
        made.add_source(f"club_{number}", delivery="snapshot", currency="EUR")
        for name in order:
            at, numbers = SNAPSHOTS[name]
            made.deliver(f"club_{number}/{name}", MEMBERS + "".join(members(1, n) for n in numbers), at)
            made.check(f"club_{number}")
    for name, zone in (("shop_a", "America/New_York"), ("shop_b", "Asia/Tokyo")):
        made.add_source(name, "pos", "transactions", timezone=zone)
        made.put(
            f"{name}/a.csv", SALES + sale("t1", "9.00" if name == "shop_a" else "8.00", closed="2026-03-08T02:30:00")
        )
        made.land(name)
    judge_all(made)
    build = steps.start_build(made.settings)
    steps.stage_sources(made.settings, build.build_id)
    return made


def judge_all(made: Deliveries) -> None:
    """Sound loads, whose audits are not the subject here."""
    with warehouse.engine(made.settings).begin() as connection:
        connection.exec_driver_sql("update ops.loads set state = 'accepted' where state = 'loaded'")


def test_every_order_of_arrival_gives_the_same_rows(staged: Deliveries) -> None:
    found: dict[str, list[tuple[Any, ...]]] = {f"till_{number:02d}": [] for number in range(len(ORDERS))}
    for source, *row in staged.rows(
        "select source, transaction_id, total::text from staging.stg_pos__transactions where source like 'till%'"
        " order by transaction_id"
    ):
        found[source].append(tuple(row))
    assert len(found) == 24
    by_order = {tuple(rows) for rows in found.values()}
    assert len(by_order) == 1, "all 24 orders agree"
    rows = dict(by_order.pop())
    # t1: the correction is newer than the file-time of the first, and than the explicit version of day 1.
    # t2 came back on day 3. t6: day 4 beats day 3 within a file. t4 and t7 are ties.
    settled = {name: total for name, total in rows.items() if name not in ("t4", "t7")}
    assert settled == {"t1": "1.50", "t2": "2.20", "t3": "3.00", "t5": "5.00", "t6": "6.00"}


@pytest.mark.parametrize(("name", "version"), [("t4", day(5)), ("t7", day(6))])
def test_ties_fall_to_the_larger_payload_hash(staged: Deliveries, name: str, version: datetime) -> None:
    """Told from the raw rows, independently of staging; where a deletion wins, the row is gone."""
    raw = staged.rows(
        "select _payload_hash, total, is_deleted from raw.pos_transactions where _source = 'till_00'"
        f" and transaction_id = '{name}' and _version_at = timestamptz '{version.isoformat()}'"
    )
    assert len(raw) == 2
    _, total, is_deleted = max(raw, key=lambda row: row[0].bytes)
    found = staged.rows(f"select distinct total from staging.stg_pos__transactions where transaction_id = '{name}'")
    assert found == ([] if is_deleted else [(total,)])


def test_snapshots_in_every_order_of_arrival_leave_the_same_members(staged: Deliveries) -> None:
    """Friday's list is the whole, its shrinkage judged against Tuesday's even where Tuesday's came last."""
    found = staged.rows(
        "select source, count(*) from staging.stg_crm__contacts where source like 'club%' group by 1 order by 1"
    )
    assert found == [(f"club_{number}", 70) for number in range(6)]
    states = staged.rows("select distinct state from ops.loads where source like 'club%'")
    assert states == [("accepted",)]


def test_ids_of_two_sources_do_not_collide(staged: Deliveries) -> None:
    """Receipt t1 of one shop is not t1 of the other; each has its own zone."""
    found = staged.rows(
        "select source, transaction_key, total::text, closed_at from staging.stg_pos__transactions"
        " where source like 'shop%' order by source"
    )
    assert found == [
        ("shop_a", "shop_a/t1", "9.00", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        ("shop_b", "shop_b/t1", "8.00", datetime(2026, 3, 7, 17, 30, tzinfo=UTC)),
    ]


class TestSnapshots:
    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    @pytest.mark.parametrize("together", [True, False])
    def test_a_shrunken_snapshot_is_rejected_whatever_came_first(
        self, deliveries: Deliveries, order: tuple[int, int], together: bool
    ) -> None:
        """79 of 100 are left, which is below the 80 that are allowed."""
        deliveries.add_source("club", delivery="snapshot")
        for night in order:
            deliveries.put(f"club/{night}.csv", MEMBERS + members(100 if night == 1 else 79), day(night))
            deliveries.land()
            if not together:
                deliveries.check()
        deliveries.check()
        states = deliveries.rows("select file_name, state, reason from ops.loads order by extracted_at")
        reason = "the snapshot holds 79 records, the one before held 100: more than 20% would be deleted"
        assert states == [("club/1.csv", "accepted", None), ("club/2.csv", "rejected", reason)]


def test_a_key_again_with_another_payload_is_kept_in_raw(shared: Deliveries) -> None:
    """Nothing is overwritten: both versions stay, with the load that brought each."""
    shared.add_source("again", "pos", "transactions")
    shared.deliver("again/1.csv", SALES + sale("t1", "1.00"), day(1))
    shared.deliver("again/2.csv", SALES + sale("t1", "1.10"), day(1) + timedelta(hours=1))
    kept = shared.rows(
        "select total::text, _payload_hash from raw.pos_transactions where _source = 'again' order by _version_at"
    )
    assert [total for total, _ in kept] == ["1.00", "1.10"]
    assert kept[0][1] != kept[1][1]
