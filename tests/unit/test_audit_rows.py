"""Checks of single rows: the one condition they are counted by, held against Great Expectations' own expectations."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from touchline.audit.rows import failing_rows
from touchline.audit.session import AuditSession, SuiteTarget, audit_session
from touchline.audit.suites import Check, Suite

# Nulls, equal values, both sides of each bound, a quote and a percent sign.
VALUES = [None, -1, 0, 1, 2, 3]
TEXTS = [None, "web", "it's", "50 %", "a:b"]
DAYS = [None, "2025-12-31", "2026-01-01", "2026-01-02"]

PAIR = "expect_column_pair_values_a_to_be_greater_than_b"

CHECKS: dict[str, tuple[str, dict[str, Any]]] = {
    "not_null": ("expect_column_values_to_not_be_null", {"column": "a"}),
    "from": ("expect_column_values_to_be_between", {"column": "a", "min_value": 0}),
    "above": ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "strict_min": True}),
    "to": ("expect_column_values_to_be_between", {"column": "a", "max_value": 2}),
    "below": ("expect_column_values_to_be_between", {"column": "a", "max_value": 2.5, "strict_max": True}),
    "within": ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "max_value": 2}),
    "since": ("expect_column_values_to_be_between", {"column": "day", "min_value": "2026-01-01"}),
    "numbers": ("expect_column_values_to_be_in_set", {"column": "a", "value_set": [0, 1, 2]}),
    "words": ("expect_column_values_to_be_in_set", {"column": "word", "value_set": ["it's", "50 %", "a:b"]}),
    "pair": (PAIR, {"column_A": "a", "column_B": "b"}),
    "pair_or_equal": (PAIR, {"column_A": "a", "column_B": "b", "or_equal": True}),
    "pair_of_both": (PAIR, {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"}),
    "pair_of_any": (PAIR, {"column_A": "a", "column_B": "b", "ignore_row_if": "neither"}),
    "query": (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "select * from {batch} where a > b or word is null"},
    ),
    "query_of_text": (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "SELECT *\nFROM {batch}\nWHERE word like '%eb'"},
    ),
}

Row = tuple[int | None, int | None, str | None, str | None]


class Judge(Check):
    """A check that Great Expectations itself judges."""

    def to_judge(self) -> Any:
        return self.to_expectation()


@pytest.fixture(scope="module")
def shop(make_database: Callable[[], str]) -> Iterator[tuple[AuditSession, psycopg.Connection]]:
    url = make_database()
    with audit_session(url) as session, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create schema shop; create table shop.sales (n int, a int, b int, word text, day date)")
        yield session, connection


def checks(kind: type[Check]) -> tuple[Check, ...]:
    return tuple(kind(name, *check, "critical", "Because.", "Do it.") for name, check in CHECKS.items())


def test_each_of_these_is_counted_by_a_condition() -> None:
    assert all(failing_rows(*check) for check in CHECKS.values())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES), st.sampled_from(TEXTS), st.sampled_from(DAYS)),
        max_size=6,
    )
)
def test_the_condition_finds_what_great_expectations_finds(
    shop: tuple[AuditSession, psycopg.Connection], rows: list[Row]
) -> None:
    session, connection = shop
    connection.execute("truncate shop.sales")
    with connection.cursor() as cursor:
        cursor.executemany("insert into shop.sales values (%s, %s, %s, %s, %s)", [(n, *r) for n, r in enumerate(rows)])
    found = {}
    for kind in (Check, Judge):
        suite = Suite("shop/sales", "sales", "Sales.", "owner", ("n",), checks(kind))
        results = session.run(SuiteTarget(suite, schema="shop", table="sales"))
        found[kind] = {result.check_id: (result.outcome, result.unexpected_count) for result in results}
    assert found[Check] == found[Judge]


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_not_be_null", {"column": "a", "row_condition": "b > 1", "condition_parser": "x"}),
        ("expect_column_values_to_be_between", {"column": "a"}),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": []}),
        (PAIR, {"column_A": "a", "column_B": "b", "row_condition": "a > 1", "condition_parser": "x"}),
        ("expect_column_values_to_be_unique", {"column": "a"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select a from {batch} group by a"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where a > 1 limit 1"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where a in (select 1)"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} as r where r.a > 1"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where a > 1 -- at most"}),
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch} where word = '{{'"}),
    ],
)
def test_what_no_condition_of_a_row_can_say_is_left_to_great_expectations(kind: str, kwargs: dict[str, Any]) -> None:
    assert failing_rows(kind, kwargs) is None


def test_all_are_counted_in_one_scan(shop: tuple[AuditSession, psycopg.Connection]) -> None:
    session, connection = shop
    connection.execute("truncate shop.sales")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        suite = Suite("shop/sales", "sales", "Sales.", "owner", ("n",), checks(Check))
        session.run(SuiteTarget(suite, schema="shop", table="sales"))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len([statement for statement in seen if "shop" in statement and "limit 0" not in statement]) == 1


def test_a_colon_in_a_condition_is_text(shop: tuple[AuditSession, psycopg.Connection]) -> None:
    # Great Expectations takes what follows a colon for a parameter.
    session, connection = shop
    connection.execute("truncate shop.sales")
    connection.execute("insert into shop.sales (n, word) values (1, 'a:b'), (2, 'b')")
    query = {"unexpected_rows_query": "select * from {batch} where word like '%:b'"}
    odd = Check("odd", "unexpected_rows_expectation", query, "critical", "Because.", "Do it.")
    suite = Suite("shop/sales", "sales", "Sales.", "owner", ("n",), (odd,))
    (found,) = session.run(SuiteTarget(suite, schema="shop", table="sales"))
    assert (found.outcome, found.unexpected_count, found.example_keys) == ("failed", 1, ("1",))
