"""Builds held against the published one, on a real Postgres; every expected value is worked out beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from support.empty_marts import create_marts
from touchline.audit import comparison
from touchline.audit.comparison import LIKE_PUBLISHED, LIKE_WEEKDAYS, TYPES, Compared, Published, judge, refusal
from touchline.audit.figures import measure
from touchline.audit.marts import NEVER, audit_marts, complete
from touchline.audit.suites import Check, Suite, load_suites

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
OLD, NEW = '"marts"."sales"', '"marts_next"."sales"'

# Ten weeks from Monday, 5 January 2026, to Sunday, 15 March. Sundays have 2 sales, other days 20; each is of 10.
PUBLISHED = """
create schema marts;
create schema marts_next;
create table marts.sales as
select day::date as business_date, 10.0 as total, n & 1 = 0 as is_known
from generate_series(timestamp '2026-01-05', timestamp '2026-03-15', interval '1 day') as day,
    generate_series(1, case when extract(isodow from day) = 7 then 2 else 20 end) as n;
create table marts_next.sales as select * from marts.sales;
"""
# The Sunday that was published half over, then Monday to Sunday; the last is half over in turn.
NEXT_WEEK = """
insert into marts_next.sales
select day::date, 10.0, n & 1 = 0
from generate_series(timestamp '2026-03-16', timestamp '2026-03-22', interval '1 day') as day,
    generate_series(1, case when extract(isodow from day) = 7 then 1 else 20 end) as n
"""


@pytest.fixture(scope="module")
def weeks(make_database: Any) -> Iterator[sa.Engine]:
    engine = sa.create_engine(make_database(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(PUBLISHED)
        connection.exec_driver_sql(NEXT_WEEK)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(weeks: sa.Engine) -> Iterator[sa.Connection]:
    """What a test changes is rolled back."""
    with weeks.connect() as connection:
        yield connection
        connection.rollback()


def totals(connection: sa.Connection, figure: str, old: str | None = OLD, **band: float) -> Compared:
    fresh, before = measure(connection, NEW, [figure]), measure(connection, old, [figure]) if old else None
    return judge({"measure": figure, **band}, fresh, before)


def weekdays(connection: sa.Connection, **kwargs: Any) -> Compared:
    band = {"measure": "count(*)", "day": "business_date", "at_least": 0.5, "at_most": 2}
    return comparison.weekdays(connection, band | kwargs, NEW, OLD)


class TestTotals:
    # Published: 10 weeks of 6 · 20 + 2 = 122 sales, 1220. New: 121 more, 1341; 1341 / 1220 = 1.0992.

    @pytest.mark.parametrize(
        ("band", "outcome"),
        [
            ({"at_least": 1.09}, "passed"),
            ({"at_least": 1.1}, "failed"),
            ({"at_most": 1.1}, "passed"),
            ({"at_most": 1.09}, "failed"),
            ({"at_least": 0.9, "at_most": 1.05}, "failed"),
        ],
    )
    def test_a_count_in_and_out_of_its_band(
        self, connection: sa.Connection, band: dict[str, float], outcome: str
    ) -> None:
        assert totals(connection, "count(*)", **band).outcome == outcome

    def test_what_was_observed_is_told(self, connection: sa.Connection) -> None:
        found = totals(connection, "count(*)", at_least=0.9, at_most=1.05)
        assert found.observed == "count(*) is 1341, 1.1 of the 1220 published; allowed: 0.9 to 1.05"

    def test_cents_for_units(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("update marts_next.sales set total = total * 100")
        median = "percentile_cont(0.5) within group (order by total)"
        assert totals(connection, median, at_most=2).observed.startswith(f"{median} is 1000, 100 of the 10 published")

    def test_a_rate(self, connection: sa.Connection) -> None:
        rate = "avg(case when is_known then 1.0 else 0.0 end)"
        assert totals(connection, rate, at_least=0.9, at_most=1.1).outcome == "passed"
        connection.exec_driver_sql("update marts_next.sales set is_known = true")
        assert totals(connection, rate, at_least=0.9, at_most=1.1).outcome == "failed"

    def test_too_little_is_no_measure(self, connection: sa.Connection) -> None:
        assert totals(connection, "count(*)", at_least=5, min_rows=1220).outcome == "failed"
        found = totals(connection, "count(*)", at_least=5, min_rows=1221)
        assert found == Compared("passed", "nothing to compare with: the published mart holds too little")

    def test_everything_gone(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("delete from marts_next.sales")
        assert totals(connection, "count(*)", at_least=0.8).outcome == "failed"
        assert totals(connection, "sum(total)", at_least=0.8).observed == "sum(total) was 12200 and is nothing now"

    def test_a_new_mart_and_a_new_column_have_no_past(self, connection: sa.Connection) -> None:
        assert totals(connection, "count(*)", old=None, at_least=5).outcome == "passed"
        connection.exec_driver_sql("alter table marts_next.sales add column discount integer default 1")
        found = totals(connection, "sum(discount)", at_least=5)
        assert found.observed == "nothing to compare with: the published mart lacks a column of the measure"


class TestWeekdays:
    def test_a_weak_sunday_is_no_loss(self, connection: sa.Connection) -> None:
        # 15 March to 21 March: seven whole days. The 22nd, with 1 sale, is the last and may be half over.
        assert weekdays(connection) == Compared("passed", "7 new day(s) are like their weekday before")

    def test_what_is_usual_on_sunday_is_odd_on_wednesday(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(
            "delete from marts_next.sales where ctid in"
            " (select ctid from marts_next.sales where business_date = '2026-03-18' limit 18)"
        )
        found = weekdays(connection)
        assert (found.outcome, found.days) == ("failed", ("2026-03-18",))
        assert "1 of 7 new day(s) are odd; 2026-03-18: count(*) is 2, 0.1 of the 20 usual" in found.observed

    def test_a_day_that_is_missing_is_odd(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("delete from marts_next.sales where business_date = '2026-03-17'")
        assert weekdays(connection).days == ("2026-03-17",)

    def test_a_day_delivered_twice_is_odd(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(
            "insert into marts_next.sales select sales.* from marts_next.sales, generate_series(1, 2)"
            " where business_date = '2026-03-21'"
        )
        assert weekdays(connection).days == ("2026-03-21",)

    def test_a_column_the_published_mart_lacks_has_no_past(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("alter table marts_next.sales add column opened_date date default '2026-03-17'")
        assert weekdays(connection, day="opened_date").outcome == "passed"
        with pytest.raises(sa.exc.ProgrammingError):
            weekdays(connection, measure="sum(no_such_column)")

    def test_without_four_weeks_of_past_nothing_is_judged(self, connection: sa.Connection) -> None:
        # Published from 22 February: three Sundays at most stand before the 15th, three of each other weekday.
        connection.exec_driver_sql("delete from marts.sales where business_date < '2026-02-22'")
        connection.exec_driver_sql("delete from marts_next.sales where business_date = '2026-03-17'")
        found = weekdays(connection)
        assert (found.outcome, found.observed.partition(":")[0]) == ("passed", "nothing to compare with")


@pytest.mark.parametrize(
    ("kind", "kwargs", "message"),
    [
        (LIKE_PUBLISHED, {"at_least": 1}, "missing: measure"),
        (LIKE_PUBLISHED, {"measure": "count(*)"}, "there is no band"),
        (LIKE_PUBLISHED, {"measure": "count(*)", "at_least": 1, "day": "x"}, "unknown: day"),
        (LIKE_PUBLISHED, {"measure": "count(*)", "at_least": "1"}, "not a number above 0: at_least"),
        (LIKE_PUBLISHED, {"measure": "count(*)", "at_least": 0}, "not a number above 0: at_least"),
        (LIKE_WEEKDAYS, {"measure": "count(*)", "at_least": 1}, "missing: day"),
    ],
)
def test_wrong_arguments_are_refused(kind: str, kwargs: dict[str, Any], message: str) -> None:
    assert message in (refusal(kind, kwargs) or "")


def test_a_check_without_a_result_has_crashed() -> None:
    checks = tuple(Check(name, LIKE_PUBLISHED, {}, "warning", "Why.", "Mend it.") for name in ("a", "b"))
    suite = Suite("marts/sales", "sales", "Sales.", "owner", ("sale_id",), checks)
    found = complete(suite, [])
    assert [(result.check_id, result.outcome, result.observed) for result in found] == [
        ("a", "crashed", "the check did not run"),
        ("b", "crashed", "the check did not run"),
    ]


def test_every_mart_is_held_against_the_published_build() -> None:
    without = {
        name
        for name, suite in load_suites(EXPECTATIONS / "marts").items()
        if not any(check.type in TYPES for check in suite.checks)
    }
    # A seed of the project, the same in every build.
    assert without == {"dim_channels"}


def test_shipped_comparisons_can_be_computed(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    create_marts(engine)
    create_marts(engine, "marts")
    result = audit_marts(engine, 1, EXPECTATIONS, published=Published("marts"))
    assert [check.check_id for check in result.checks if check.outcome == "crashed"] == []
    # As many checks ran as the files hold.
    declared = sum(len(suite.checks) for suite in load_suites(EXPECTATIONS / "marts").values())
    assert len(result.checks) == declared
    first = audit_marts(engine, 1, EXPECTATIONS, published=NEVER)
    assert {check.observed for check in first.checks if check.check_id == "rows_not_lost"} == {
        "nothing to compare with: it is the first build"
    }
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table marts_next.fct_transactions drop column total cascade")
    broken = audit_marts(engine, 1, EXPECTATIONS, published=Published("marts"))
    assert "mean_total_like_published" in {c.check_id for c in broken.checks if c.outcome == "crashed"}
    engine.dispose()
