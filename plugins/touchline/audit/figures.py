"""Figures of marts: of a whole table, or of the published one and the rows that changed since."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

Sums = Mapping[str, Decimal | None]
"""By SQL aggregate, its value over some rows; None over rows that have none."""

_SUM = re.compile(r"(count|sum|avg)\((?!\s*distinct\b)(.+)\)", re.DOTALL)
ROWS = "count(*)"


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one table by their expression, the sums that some are made from, and what could not be computed."""

    figures: dict[str, float | None]
    sums: Sums
    failures: dict[str, SQLAlchemyError] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows measured."""
        return int(self.sums.get(ROWS) or 0)


def sums_of(measure: str) -> tuple[str, ...]:
    """The aggregates a figure is made from (`avg`: sum by count), none if they do not add up over disjoint rows."""
    found = _SUM.fullmatch(measure.strip())
    if found is None or not _is_balanced(found[2]):
        return ()
    return (f"sum({found[2]})", f"count({found[2]})") if found[1] == "avg" else (found[0],)


def measure(connection: Connection, table: str, measures: Iterable[str]) -> Measured:
    """Figures of a table, in one pass over it; if one cannot be computed, each by itself."""
    wanted = list(dict.fromkeys(measures))
    try:
        return _measure(connection, table, wanted)
    except SQLAlchemyError:
        found = Measured({}, {})
    for one in wanted:
        try:
            alone = _measure(connection, table, [one])
        except SQLAlchemyError as error:
            found.failures[one] = error
        else:
            found = Measured(found.figures | alone.figures, {**found.sums, **alone.sums}, found.failures)
    return found


def bring_up(
    connection: Connection, measures: Iterable[str], kept: Sums, gone: str, come: str
) -> tuple[Measured, Measured] | None:
    """Figures now and before: `kept` are the sums of before, `gone` and `come` queries of the rows that changed since.

    None if a figure does not follow from these: it is not made from sums, they were not kept, or it cannot be computed.
    """
    wanted = list(dict.fromkeys(measures))
    names = {ROWS: None} | {name: None for one in wanted for name in sums_of(one)}
    if not all(map(sums_of, wanted)) or not names.keys() <= kept.keys():
        return None
    try:
        came, went = (_sums(connection, f"({query})", list(names)) for query in (come, gone))
    except SQLAlchemyError:
        return None
    now = {name: _added(kept[name], came[name], went[name]) for name in names}
    before = {name: kept[name] for name in names}
    fresh, old = (Measured({one: _figure(one, sums) for one in wanted}, sums) for sums in (now, before))
    return fresh, old


def _measure(connection: Connection, table: str, measures: list[str]) -> Measured:
    names = list({ROWS: None} | {name: None for one in measures for name in sums_of(one)})
    others = [one for one in measures if not sums_of(one)]
    sums = _sums(connection, table, names, others)
    figures = {one: _figure(one, sums) if sums_of(one) else _number(sums[one]) for one in measures}
    return Measured(figures, {name: sums[name] for name in names})


def _sums(
    connection: Connection, rows: str, names: list[str], others: list[str] | None = None
) -> dict[str, Decimal | None]:
    wanted = names + (others or [])
    columns = ", ".join(f"cast({name} as numeric)" for name in wanted)
    with connection.begin_nested():
        row = connection.execute(text(f"select {columns} from {rows} as measured")).one()
    return {name: row[place] for place, name in enumerate(wanted)}


def _figure(measure: str, sums: Sums) -> float | None:
    total, *count = (sums[name] for name in sums_of(measure))
    if not count:
        return _number(total)
    return float(total / count[0]) if total is not None and count[0] else None


def _added(before: Decimal | None, came: Decimal | None, went: Decimal | None) -> Decimal | None:
    if before is None and came is None:
        return None
    return (before or Decimal(0)) + (came or Decimal(0)) - (went or Decimal(0))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _is_balanced(expression: str) -> bool:
    """Whether every bracket that opens inside closes inside: `sum(a) / sum(b)` is no sum."""
    depth = 0
    for sign in expression:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0
