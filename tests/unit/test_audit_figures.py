"""Figures of a mart reckoned from its published sums and the rows that changed, held against the whole table."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa

from touchline.audit.figures import Measured, bring_up, measure, sums_of

MEASURES = ["count(*)", "sum(total)", "avg(total)", "avg(case when customer is null then 0.0 else 1.0 end)"]


@pytest.fixture
def connection(postgres_url: str) -> Iterator[sa.Connection]:
    """Sales 1 to 100 of as many units, every fourth of nobody; in `fresh` 3 is gone, 7 corrected, 101 and 102 came."""
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("""
            create temporary table old as
            select n as sale, cast(n as numeric(14, 2)) as total, case when mod(n, 4) > 0 then n end as customer
            from generate_series(1, 100) as n;
            create temporary table fresh as select * from old where sale <> 3;
            update fresh set total = null, customer = null where sale = 7;
            insert into fresh values (101, 50.25, 1), (102, 49.75, null);
        """)
        yield connection
    engine.dispose()


def changed(table: str) -> str:
    return f"select * from {table} where sale in (3, 7, 101, 102)"


def test_what_changed_brings_the_sums_up_to_date(connection: sa.Connection) -> None:
    kept = measure(connection, "old", MEASURES).sums
    reckoned = bring_up(connection, MEASURES, kept, changed("old"), changed("fresh"))
    assert reckoned is not None
    now, before = reckoned
    # 5050 - 3 - 7 + 50.25 + 49.75 over 100 - 1 - 1 + 2 totals; of 101 rows 75 - 2 + 1 are somebody's
    assert now.figures == {
        "count(*)": 101,
        "sum(total)": 5140,
        "avg(total)": 51.4,
        MEASURES[3]: pytest.approx(74 / 101),
    }
    assert (now.rows, before.rows) == (101, 100)
    for found, table in ((now, "fresh"), (before, "old")):
        whole = measure(connection, table, MEASURES)
        assert found.figures == whole.figures
        assert found.sums == whole.sums


def test_rows_that_did_not_change_are_not_read(connection: sa.Connection) -> None:
    """No build does this: it shows which rows are looked at."""
    kept = measure(connection, "old", MEASURES).sums
    connection.exec_driver_sql("delete from fresh where sale > 10")
    reckoned = bring_up(connection, ["count(*)"], kept, changed("old"), changed("fresh"))
    # 3 is gone, 101 and 102 with the others
    assert reckoned is not None
    assert reckoned[0].rows == 99


def test_everything_gone_is_nothing(connection: sa.Connection) -> None:
    only, none = "select * from old where sale = 7", "select * from old limit 0"
    kept = measure(connection, f"({only})", ["avg(total)"]).sums
    reckoned = bring_up(connection, ["avg(total)"], kept, only, none)
    assert reckoned is not None
    assert (reckoned[0].rows, reckoned[0].figures) == (0, {"avg(total)": None})


@pytest.mark.parametrize("wanted", [["median"], ["count(*)", "sum(tax)"], ["avg(no_such_column)"]])
def test_what_does_not_follow_is_left_to_the_whole_table(connection: sa.Connection, wanted: list[str]) -> None:
    figures = ["percentile_cont(0.5) within group (order by total)" if one == "median" else one for one in wanted]
    kept = dict(measure(connection, "old", MEASURES).sums) | dict.fromkeys(
        ("sum(no_such_column)", "count(no_such_column)"), Decimal(1)
    )
    assert bring_up(connection, figures, kept, changed("old"), changed("fresh")) is None


@pytest.mark.parametrize(
    ("figure", "sums"),
    [
        ("count(*)", ("count(*)",)),
        ("sum(a * (b + 1))", ("sum(a * (b + 1))",)),
        ("avg(a)", ("sum(a)", "count(a)")),
        ("sum(a) / nullif(sum(b), 0)", ()),
        ("sum(a) filter (where b)", ()),
        ("count(distinct a)", ()),
        ("max(a)", ()),
    ],
)
def test_which_figures_add_up(figure: str, sums: tuple[str, ...]) -> None:
    assert sums_of(figure) == sums


def test_a_figure_that_cannot_be_computed_leaves_the_others(connection: sa.Connection) -> None:
    found = measure(connection, "old", ["count(*)", "sum(no_such_column)"])
    assert isinstance(found, Measured)
    assert (found.figures, list(found.failures)) == ({"count(*)": 100}, ["sum(no_such_column)"])
