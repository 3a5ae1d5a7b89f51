"""The expression proposed for each contract column."""

from collections.abc import Sequence
from typing import Any

from touchline.contracts import Column as Target
from touchline.contracts import ColumnType
from touchline.scaffold.columns import Column
from touchline.scaffold.draft import NOTHING, Line
from touchline.scaffold.match import CONTENT, EXACT, SIMILAR, SYNONYM, Fit, Match, constant_for, required, translations
from touchline.scaffold.render import scalar
from touchline.scaffold.values import decimal_mark, moment

_WHY = {CONTENT: "told by its values alone", SIMILAR: "told by a similar name", SYNONYM: "told by another name for it"}


def map_lines(fit: Fit, columns: Sequence[Column]) -> list[Line]:
    """A line for every contract column that is mapped, missing or refused, in the contract's order."""
    needed = {target.name for target in required(fit.contract)}
    mark = decimal_mark(
        [m.column for name, m in fit.matches.items() if fit.contract.by_name[name].type is ColumnType.NUMERIC]
    ).value
    lines = []
    for target in fit.contract.columns:
        if match := fit.matches.get(target.name):
            lines.append(_from_match(target, match, fit, columns, mark))
        else:
            lines += _unmatched(target, fit, is_needed=target.name in needed)
    return lines


def shorten(lines: list[Line]) -> None:
    """`{column: x}` alone is written as `x`."""
    for line in lines:
        if isinstance(line.value, dict) and set(line.value) == {"column"}:
            line.value = line.value["column"]


def _unmatched(target: Target, fit: Fit, *, is_needed: bool) -> list[Line]:
    why = fit.refused.get(target.name)
    doubts = [f"{target.name} is not taken from the column of that name: {why}"] if why else []
    constant = constant_for(fit.contract, target)
    if is_needed and constant is not None:
        doubts.append("no column tells it: assumed")
        return [Line(target.name, {"const": constant}, doubts)]
    if is_needed:
        return [Line(target.name, doubts=doubts, is_missing=True)]
    return [Line(target.name, doubts=doubts)] if doubts else []


def _from_match(target: Target, match: Match, fit: Fit, columns: Sequence[Column], mark: str) -> Line:
    column = match.column
    line = Line(target.name, {"column": column.name})
    if match.confidence < EXACT:
        line.doubts.append(_WHY.get(match.confidence, "told by a similar name"))
    if [key.name for key in fit.contract.key] == [target.name] and column.repeats:
        line.doubts.append("its values come again: no key, or another entity is meant")
    if not column.present and (target.type is not ColumnType.TEXT or target.allowed):
        line.doubts.append("empty in the sample")
    elif target.type in (ColumnType.TIMESTAMP, ColumnType.DATE):
        _as_moment(line, target, column, fit, columns)
    elif target.type is ColumnType.NUMERIC and column.decimals(mark) > (target.scale or 0):
        line.value["round"] = True
        line.doubts.append(f"more digits than the {target.scale or 0} of the contract: rounded")
    elif target.allowed:
        _as_words(line, target, column)
    return line


def _as_words(line: Line, target: Target, column: Column) -> None:
    words = translations(target, column)
    if all(value == word for value, word in words.items()):
        return
    line.value["values"] = words
    if any(value.casefold() != word for value, word in words.items()):
        line.doubts.append("what these words mean")


def _as_moment(line: Line, target: Target, column: Column, fit: Fit, columns: Sequence[Column]) -> None:
    if target.type is ColumnType.TIMESTAMP and column.epoch:
        line.value["epoch"] = column.epoch
        line.doubts.append("numbers that look like time since 1970")
    elif column.times and not column.moments and not column.days:
        _with_day(line, column, fit, columns)
    else:
        found = moment(column, target.type, columns)
        line.doubts.extend(found.doubts)
        if found.format:
            line.value["format"] = found.format


def _with_day(line: Line, column: Column, fit: Fit, columns: Sequence[Column]) -> None:
    """A clock time needs the day from another column; past midnight it belongs to the next one."""
    days = [other for other in columns if other.days]
    if len(days) != 1:
        line.is_missing = fit.contract.by_name[line.key].is_required
        line.value = NOTHING
        line.doubts.append(f"{line.key}: {scalar(column.name)} has times without a day, no single column has dates")
        return
    day = moment(days[0], ColumnType.DATE, columns)
    line.doubts.extend(day.doubts)
    line.doubts.append("times joined with the only column of dates; a time may also stand for no value")
    value: dict[str, Any] = {
        "timestamp": [days[0].name, column.name],
        "format": f"{day.format or '%Y-%m-%d'} {column.times[0][0]}",
    }
    start = fit.contract.completeness_column
    if start and start != line.key and start in fit.matches:
        value["not_before"] = start
    line.value = value
