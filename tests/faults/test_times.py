"""Times that cannot be, or that happen twice; clocks that are wrong. Nothing claims to know the future."""

from datetime import UTC, datetime, timedelta

import pytest

from support.deliveries import MEMBERS, SALES, Deliveries, sales
from touchline import builds, steps, warehouse

COMPLETE = {"column": "closed_at", "round_up": "day"}


def sale(name: str, closed_at: str) -> str:
    return f"{name},L1,store,{closed_at},completed,10.00,USD\n"


def as_of(deliveries: Deliveries) -> datetime:
    build = builds.freeze(warehouse.engine(deliveries.settings), steps.read_sources(deliveries.settings), "code")
    [(found,)] = deliveries.rows(f"select as_of from ops.build_brands where build_id = {build.build_id}")
    assert isinstance(found, datetime)
    return found


def test_the_hour_that_happens_twice_and_the_one_that_does_not(deliveries: Deliveries) -> None:
    """New York, 2026: clocks leap from 02:00 to 03:00 on 8 March and fall from 02:00 to 01:00 on 1 November."""
    deliveries.add_source("till", "pos", "transactions", timezone="America/New_York")
    times = {
        "before_gap": ("2026-03-08T01:59:59", "2026-03-08T06:59:59"),
        "in_gap": ("2026-03-08T02:30:00", "2026-03-08T07:30:00"),  # the clock already shows 03:30 EDT
        "after_gap": ("2026-03-08T03:00:00", "2026-03-08T07:00:00"),
        "in_fold": ("2025-11-02T01:30:00", "2025-11-02T05:30:00"),  # the first of the two
        "in_fold_with_offset": ("2025-11-02T01:30:00-05:00", "2025-11-02T06:30:00"),
        "after_fold": ("2025-11-02T02:00:00", "2025-11-02T07:00:00"),
    }
    outcome = deliveries.deliver("till/a.csv", SALES + "".join(sale(name, local) for name, (local, _) in times.items()))
    assert (outcome.loaded, outcome.quarantined) == (6, 0)
    found = deliveries.rows("select transaction_id, closed_at from raw.pos_transactions")
    assert dict(found) == {name: datetime.fromisoformat(utc).replace(tzinfo=UTC) for name, (_, utc) in times.items()}


@pytest.mark.parametrize("future", ["9999-12-31T23:59:59Z", "2999-01-01T00:00:00Z"])
@pytest.mark.parametrize("quickly", [True, False])
def test_a_time_in_the_future_does_not_move_completeness(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch, future: str, quickly: bool
) -> None:
    """Complete through the end of the day of the newest sale that has happened, whichever way the file is read."""
    if not quickly:
        monkeypatch.setattr("touchline.landing.load.plan", lambda *_: "asked by the test")
    deliveries.add_source("till", "pos", "transactions", complete_through=COMPLETE)
    lines = sales(200) + sale("x", future)
    outcome = deliveries.deliver("till/a.csv", SALES + lines)
    assert outcome.loaded == 201
    assert deliveries.rows("select complete_through from ops.loads") == [(datetime(2026, 1, 2, tzinfo=UTC),)]
    assert deliveries.check() == []
    assert as_of(deliveries) == datetime(2026, 1, 2, tzinfo=UTC)
    [(warned,)] = deliveries.rows(
        "select jsonb_path_query_array(result, '$.checks[*] ? (@.outcome == \"failed\").check_id') from ops.audits"
    )
    assert "closed_at_not_in_future" in warned


def test_many_times_in_the_future_reject_the_load(deliveries: Deliveries) -> None:
    deliveries.add_source("till", "pos", "transactions")
    lines = sales(98) + sale("x", "2999-01-01T00:00:00Z") + sale("y", "2999-01-01T00:00:00Z")
    deliveries.deliver("till/a.csv", SALES + lines)
    [reason] = deliveries.check()
    assert "closed_at_mostly_past" in reason


@pytest.mark.parametrize("rule", [COMPLETE, {"instant": "9999-12-31T23:59:59Z", "round_up": "day"}])
def test_as_of_is_never_beyond_the_time_of_the_load(deliveries: Deliveries, rule: dict[str, str]) -> None:
    """A sale of this moment: its day is not over yet."""
    deliveries.add_source("till", "pos", "transactions", complete_through=rule)
    deliveries.deliver("till/a.csv", SALES + sale("a", datetime.now(UTC).isoformat()))
    assert deliveries.check() == []
    [(through, started)] = deliveries.rows("select complete_through, started_at from ops.loads")
    assert through == started
    assert as_of(deliveries) == started


def test_a_file_from_the_future_does_not_beat_the_corrections_that_follow(deliveries: Deliveries) -> None:
    """The sender's clock had jumped ten years ahead when the first file was written."""
    deliveries.add_source("club")
    line = "m1,2026-01-01,{}@example.com\n"
    ahead = datetime.now(UTC) + timedelta(days=3650)
    deliveries.deliver("club/1.csv", MEMBERS + line.format("wrong"), ahead)
    deliveries.deliver("club/2.csv", MEMBERS + line.format("right"))
    versions = deliveries.rows("select _load_id, _version_at <= _loaded_at from raw.crm_contacts order by _version_at")
    assert versions == [(1, True), (2, True)]


@pytest.mark.parametrize(("ahead", "verdict"), [(0, []), (1, ["warned"]), (2, ["rejected"])])
def test_versions_from_the_future(deliveries: Deliveries, ahead: int, verdict: list[str]) -> None:
    """One in a hundred is told; more reject the load, since they would win against every correction."""
    deliveries.add_source("club")
    lines = "".join(
        f"m{n},2026-01-01,{2999 if n < ahead else 2026}-01-01T00:00:00Z,m{n}@example.com\n" for n in range(100)
    )
    deliveries.deliver("club/a.csv", "contact_id,created_at,source_updated_at,email\n" + lines)
    reasons = deliveries.check()
    assert bool(reasons) == (verdict == ["rejected"])
    assert all("versions_mostly_past" in reason for reason in reasons)
    [(result,)] = deliveries.rows("select result::text from ops.audits")
    assert ('"outcome": "failed"' in result) == bool(verdict)
