"""Example keys: which rows a failed check is about, fetched by plain SQL over the suite's own key columns."""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from touchline.audit.rows import QUERY_TYPE, failing_rows
from touchline.audit.suites import Check

EXAMPLE_LIMIT = 5

_UNIQUE_TYPES = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")

_JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)


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
        failing = everything.select_from(_as_written(f"({query}) as failing"))
        names = connection.execute(failing.limit(0)).keys()
        return failing if set(key) <= set(names) else None
    if check.type in _UNIQUE_TYPES and "row_condition" not in check.kwargs:
        condition = _is_repeated(check.kwargs, audited_sql)
    elif found := failing_rows(check.type, check.kwargs):
        condition = sa.literal_column(f"({found})")
    else:
        return None
    return everything.select_from(_as_written(f"({audited_sql}) as audited")).where(condition)


def _batch_query(query: str, audited_sql: str) -> str:
    # As Great Expectations does it: a query that joins names its tables itself.
    return query.format(batch=f"({audited_sql})" if _JOIN.search(query) else f"({audited_sql}) as subselect")


def _is_repeated(kwargs: Mapping[str, Any], audited_sql: str) -> sa.ColumnElement[bool]:
    names = kwargs["column_list"] if "column_list" in kwargs else [kwargs["column"]]
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    repeated = sa.select(*columns).select_from(_as_written(f"({audited_sql}) as counted"))
    return sa.tuple_(*columns).in_(repeated.group_by(*columns).having(sa.func.count() > 1))


def _as_written(sql: str) -> sa.TextClause:
    # A colon begins no parameter here.
    return sa.text(sql.replace(":", "\\:"))
