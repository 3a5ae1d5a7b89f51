"""How values are written in an export as a whole: date formats, decimal sign, "no value" texts, yes/no words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from touchline.contracts import ColumnType, Contract
from touchline.scaffold import dates
from touchline.scaffold.columns import (
    DEFAULT_WORDS,
    FALSE_WORDS,
    NULL_TEXTS,
    TRUE_WORDS,
    UNMISTAKABLE_NULLS,
    Column,
)
from touchline.scaffold.draft import Line
from touchline.scaffold.match import Match
from touchline.scaffold.render import scalar

_THREE_DIGITS = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")


@dataclass(frozen=True)
class Moment:
    """The format of a column's dates or times and what is unsure about it. `format` None: ISO 8601."""

    format: str | None
    doubts: tuple[str, ...] = ()


def moment(column: Column, kind: ColumnType, columns: Iterable[Column]) -> Moment:
    """The format that reads most values; `columns` of the same file settle the order of day and month if they can."""
    ranked = column.moments or column.days
    doubts = []
    if kind is ColumnType.DATE and column.moments:
        ranked = dates.ranked(column.present, dates.timestamp_formats()) or ranked
        doubts.append("timestamps of which only the day is taken")
    if not ranked:
        return Moment(None, ("empty in the sample: its format is not known",))
    tied = [fmt for fmt, share in ranked if share == ranked[0][1]]
    rivals = [fmt for fmt in tied[1:] if dates.is_ambiguous(tied[0], fmt)]
    chosen = tied[0]
    if rivals:
        elsewhere = _settled_orders(columns)
        chosen = next((fmt for fmt in (chosen, *rivals) if _order(fmt) in elsewhere), chosen)
        others = ", ".join(fmt for fmt in (tied[0], *rivals) if fmt != chosen)
        reason = "as in other columns" if _order(chosen) in elsewhere else "nothing in the sample tells"
        doubts.append(f"order of day, month and year: {chosen} or {others} ({reason})")
    elif chosen in (fmt for fmt in dates.COMPACT if len(fmt) <= 6 and "%y" in fmt):
        doubts.append(f"digits alone are read as {chosen}")
    if kind is ColumnType.TIMESTAMP and not column.moments:
        doubts.append("dates without a time are read as midnight")
    return Moment(None if chosen == dates.ISO else chosen, tuple(doubts))


def _settled_orders(columns: Iterable[Column]) -> set[str]:
    found = set()
    for column in columns:
        ranked = column.moments or column.days
        tied = [fmt for fmt, share in ranked if share == ranked[0][1]]
        if tied and not any(dates.is_ambiguous(tied[0], fmt) for fmt in tied):
            found.add(_order(tied[0]))
    return found


def _order(fmt: str) -> str:
    return "".join(letter for letter in fmt.casefold() if letter in "dmy")[:3]


def hoist_formats(lines: Iterable[Line], contract: Contract) -> list[Line]:
    """Take a format that all timestamps, or all dates, share out of the expressions: it becomes one of the export."""
    hoisted = []
    lines = list(lines)
    for kind, key in ((ColumnType.TIMESTAMP, "timestamp"), (ColumnType.DATE, "date")):
        chosen = [
            line.value
            for line in lines
            if contract.by_name[line.key].type is kind
            and isinstance(line.value, dict)
            and "column" in line.value
            and "epoch" not in line.value
        ]
        formats = {value.get("format") for value in chosen}
        if len(formats) == 1 and None not in formats:
            hoisted.append(Line(key, formats.pop()))
            for value in chosen:
                del value["format"]
    return hoisted


def decimal_mark(columns: Iterable[Column]) -> Line:
    """The decimal sign of the number columns that are mapped."""
    marks = {scalar(column.name): column.decimal_marks for column in columns}
    commas = [name for name, found in marks.items() if found == {","}]
    points = [name for name, found in marks.items() if found == {"."}]
    line = Line("decimal", "," if commas and not points else ".")
    if commas and points:
        line.doubts.append(f"decimal comma in {', '.join(commas)}, but decimal point in {', '.join(points)}")
    for column in columns:
        marked = [value for value in column.present if re.search(r"[.,]", value)]
        if marked and all(_THREE_DIGITS.fullmatch(value) for value in marked):
            line.doubts.append(f"{scalar(column.name)}: it may separate thousands, which are bad values")
    return line


def null_texts(used: Sequence[Column]) -> Line:
    """Texts for "no value"; one that may also be a real value of another column is unsure."""
    found = {text for column in used for text in column.nulls}
    line = Line("null", ["", *(text for text in NULL_TEXTS if text in found)])
    for text in sorted(found - UNMISTAKABLE_NULLS):
        others = [scalar(c.name) for c in used if text not in c.nulls and text in c.values]
        if others:
            line.doubts.append(f"{scalar(text)} may be a real value of {', '.join(others)}")
    return line


def yes_no_words(columns: Sequence[Column]) -> list[Line]:
    """The yes/no words in use, if the default ones do not do."""
    used = {value for column in columns for value in column.present}
    known = {value for value in used if value.casefold() in TRUE_WORDS | FALSE_WORDS}
    if known <= DEFAULT_WORDS:
        return []
    return [
        Line("true", sorted(value for value in known if value.casefold() in TRUE_WORDS)),
        Line("false", sorted(value for value in known if value.casefold() in FALSE_WORDS)),
    ]


def value_lines(contract: Contract, matches: Mapping[str, Match], lines: list[Line]) -> list[Line]:
    """Everything about `values` of the export that differs from the defaults or is unsure."""
    used = [match.column for match in matches.values()]

    def of(kind: ColumnType) -> list[Column]:
        return [match.column for name, match in matches.items() if contract.by_name[name].type is kind]

    found = hoist_formats(lines, contract)
    mark, nulls = decimal_mark(of(ColumnType.NUMERIC)), null_texts(used)
    found += [mark] if mark.value != "." or mark.doubts else []
    found += [nulls] if nulls.value != [""] else []
    return found + yes_no_words(of(ColumnType.BOOLEAN))
