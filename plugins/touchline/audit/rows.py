"""Checks of single rows as one SQL condition: what is counted, what is shown as an example, what may be confined."""

import re
from collections.abc import Callable, Mapping
from typing import Any

QUERY_TYPE = "unexpected_rows_expectation"

_NO_PART = r"(?!.*\b(?:select|group|having|join|over|union|limit|order)\b)"
_QUERY = re.compile(rf"\s*select\s+\*\s+from\s+\{{batch\}}\s+where\s{_NO_PART}(.+)", re.IGNORECASE | re.DOTALL)
# A brace could stand for the batch, a comment would swallow what follows the condition.
_ODD = re.compile(r"[{};]|--|/\*")

Kwargs = Mapping[str, Any]


def failing_rows(kind: str, kwargs: Kwargs) -> str | None:
    """The SQL condition that holds for exactly the rows which fail a check of this type; None if no such is known.

    It says nothing of how many may fail (`mostly`). None also for arguments that are Great Expectations' own language
    (`row_condition`), and where a check looks at more than one row.
    """
    build = _CONDITIONS.get(kind)
    understood = build is not None and kwargs.keys() <= _UNDERSTOOD[kind] | {"mostly"}
    return build(kwargs) if build is not None and understood else None


def _is_null(kwargs: Kwargs) -> str:
    return f"{_name(kwargs['column'])} is null"


def _outside_range(kwargs: Kwargs) -> str | None:
    value, bounds = _name(kwargs["column"]), []
    if (low := kwargs.get("min_value")) is not None:
        bounds.append(f"{value} {'<=' if kwargs.get('strict_min') else '<'} {_literal(low)}")
    if (high := kwargs.get("max_value")) is not None:
        bounds.append(f"{value} {'>=' if kwargs.get('strict_max') else '>'} {_literal(high)}")
    return " or ".join(bounds) or None


def _outside_set(kwargs: Kwargs) -> str | None:
    values = ", ".join(_literal(value) for value in kwargs["value_set"] or ())
    return f"{_name(kwargs['column'])} not in ({values})" if values else None


def _first_below_second(kwargs: Kwargs) -> str:
    # Whatever `ignore_row_if` says: to the database a comparison with a missing value is not false.
    return f"{_name(kwargs['column_A'])} {'<' if kwargs.get('or_equal') else '<='} {_name(kwargs['column_B'])}"


def _where(kwargs: Kwargs) -> str | None:
    found = _QUERY.fullmatch(str(kwargs["unexpected_rows_query"]))
    return None if found is None or _ODD.search(found[1]) else found[1].strip()


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(value: Any) -> str:
    # Text stays without a type: the server gives it the column's, so that a date compares as a date.
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


_CONDITIONS: dict[str, Callable[[Kwargs], str | None]] = {
    "expect_column_values_to_not_be_null": _is_null,
    "expect_column_values_to_be_between": _outside_range,
    "expect_column_values_to_be_in_set": _outside_set,
    "expect_column_pair_values_a_to_be_greater_than_b": _first_below_second,
    QUERY_TYPE: _where,
}
_UNDERSTOOD: dict[str, frozenset[str]] = {
    "expect_column_values_to_not_be_null": frozenset({"column"}),
    "expect_column_values_to_be_between": frozenset({"column", "min_value", "max_value", "strict_min", "strict_max"}),
    "expect_column_values_to_be_in_set": frozenset({"column", "value_set"}),
    "expect_column_pair_values_a_to_be_greater_than_b": frozenset(
        {"column_A", "column_B", "or_equal", "ignore_row_if"}
    ),
    QUERY_TYPE: frozenset({"unexpected_rows_query"}),
}
