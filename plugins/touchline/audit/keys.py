"""Example keys: which rows a failed check is about, fetched by plain SQL over the suite's own key columns."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from touchline.audit.suites import QUERY_TYPE, Check

EXAMPLE_LIMIT = 5

_JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)

Predicate = Callable[[Mapping[str, Any], str], sa.ColumnElement[bool]]


def example_keys(connection: sa.Connection, audited_sql: str, key: tuple[str, ...], check: Check) -> tuple[str, ...]:
    """At most five keys of rows that fail the check, in key order; composite keys are joined by '/'.

    `audited_sql` is the query for the rows under audit. Empty where the check is about the table
    as a whole, or where its query does not return the key columns.
    """
    failing = _failing_rows(connection, audited_sql, key, check)
    if failing is None:
        return ()
    columns = [sa.cast(sa.column(name), sa.Text).label(f"key_{position}") for position, name in enumerate(key)]
    query = failing.with_only_columns(*columns).distinct().order_by(*columns).limit(EXAMPLE_LIMIT)
    return tuple("/".join("null" if part is None else part for part in row) for row in connection.execute(query))


def _failing_rows(
    connection: sa.Connection, audited_sql: str, key: tuple[str, ...], check: Check
) -> sa.Select[Any] | None:
    everything: sa.Select[Any] = sa.select(sa.literal_column("*"))
    if check.type == QUERY_TYPE:
        query = _batch_query(check.kwargs["unexpected_rows_query"], audited_sql)
        failing = everything.select_from(sa.text(f"({query}) as failing"))
        names = connection.execute(failing.limit(0)).keys()
        return failing if set(key) <= set(names) else None
    # A row condition is Great Expectations' own language: keys found without it could be of innocent rows.
    predicate = _PREDICATES.get(check.type) if "row_condition" not in check.kwargs else None
    if predicate is None:
        return None
    return everything.select_from(sa.text(f"({audited_sql}) as audited")).where(predicate(check.kwargs, audited_sql))


def _batch_query(query: str, audited_sql: str) -> str:
    # As Great Expectations does it: a query that joins names its tables itself.
    return query.format(batch=f"({audited_sql})" if _JOIN.search(query) else f"({audited_sql}) as subselect")


def _outside_range(kwargs: Mapping[str, Any], _audited_sql: str) -> sa.ColumnElement[bool]:
    value: sa.ColumnClause[Any] = sa.column(kwargs["column"])
    bounds: list[sa.ColumnElement[bool]] = []
    if (low := kwargs.get("min_value")) is not None:
        bounds.append(value <= _bound(low) if kwargs.get("strict_min") else value < _bound(low))
    if (high := kwargs.get("max_value")) is not None:
        bounds.append(value >= _bound(high) if kwargs.get("strict_max") else value > _bound(high))
    return sa.or_(*bounds)


def _bound(value: Any) -> sa.BindParameter[Any]:
    # Without a type the server takes the column's own, so that a date written as text compares as a date.
    return sa.bindparam(None, value, type_=sa.types.NullType())


def _is_null(kwargs: Mapping[str, Any], _audited_sql: str) -> sa.ColumnElement[bool]:
    return sa.column(kwargs["column"]).is_(None)


def _outside_set(kwargs: Mapping[str, Any], _audited_sql: str) -> sa.ColumnElement[bool]:
    return sa.column(kwargs["column"]).not_in(kwargs["value_set"])


def _first_below_second(kwargs: Mapping[str, Any], _audited_sql: str) -> sa.ColumnElement[bool]:
    first: sa.ColumnClause[Any] = sa.column(kwargs["column_A"])
    second: sa.ColumnClause[Any] = sa.column(kwargs["column_B"])
    return first < second if kwargs.get("or_equal") else first <= second


def _repeated(kwargs: Mapping[str, Any], audited_sql: str) -> sa.ColumnElement[bool]:
    names = kwargs["column_list"] if "column_list" in kwargs else [kwargs["column"]]
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    repeated = sa.select(*columns).select_from(sa.text(f"({audited_sql}) as counted"))
    return sa.tuple_(*columns).in_(repeated.group_by(*columns).having(sa.func.count() > 1))


_PREDICATES: dict[str, Predicate] = {
    "expect_column_values_to_be_between": _outside_range,
    "expect_column_values_to_not_be_null": _is_null,
    "expect_column_values_to_be_in_set": _outside_set,
    "expect_column_pair_values_a_to_be_greater_than_b": _first_below_second,
    "expect_column_values_to_be_unique": _repeated,
    "expect_compound_columns_to_be_unique": _repeated,
}
