"""What a page can be filtered by: the published rows of each table, by period, channel, segment or unit.

A filter hides rows and marks; it computes nothing, for ratios cannot be added. A figure that is not by a dimension
stays whole and says so. The keys of rows and marks are positions in the page's lists of values.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any, Literal

from touchline.reports import wording
from touchline.reports.content import Page, Table
from touchline.reports.context import joined
from touchline.reports.svg import LABEL, RUN, row_of
from touchline.reports.words import N_, _

Dimension = Literal["channel", "segment", "unit", "period"]
Months = tuple[date, date]
"""First days of the first and the last month that a period reaches into."""
Keys = Mapping[Dimension, frozenset[str] | Months]
"""What a row is of; a dimension that it is a total over is absent."""

DIMENSIONS: dict[Dimension, str] = {
    "period": N_("Period"),
    "channel": N_("Channel"),
    "segment": N_("Segment"),
    "unit": N_("Unit"),
}

COLUMNS: dict[str, Dimension] = {
    "channel": "channel",
    "other_channel": "channel",
    "segment": "segment",
    "queue": "unit",
    "team": "unit",
    "unit": "unit",
    "day": "period",
    "week": "period",
    "month": "period",
    "quarter": "period",
    "period": "period",
}
"""Names of table columns and the dimension their values are of. Another name: `Table.keys`."""

_MARK = re.compile(r' data-mark="([^"]*)"')
_COUNTED = re.compile(r"( \(|\uff08)[^(\uff08]*$")
_MONTH = re.compile(r"(\d{4})-(\d\d)(?:-\d\d)?")
_QUARTER = re.compile(r"(\d{4})[ -]?Q([1-4])")


@dataclass(frozen=True)
class Choices:
    """The values that a page offers: named ones in the order of their names, and every month from first to last."""

    named: Mapping[Dimension, Sequence[str]]
    months: Sequence[date]

    @property
    def dimensions(self) -> list[Dimension]:
        """What there is a choice of, in the order of the form."""
        return [name for name in DIMENSIONS if len(self.months if name == "period" else self.named[name]) > 1]

    def positions(self, keys: Keys) -> dict[Dimension, str]:
        """Keys as attributes hold them: positions in the lists; of a period, its first and last month."""
        return {
            dimension: " ".join(str(place) for place in self._places(dimension, keys[dimension]))
            for dimension in self.dimensions
            if dimension in keys
        }

    def _places(self, dimension: Dimension, of: Any) -> list[int]:
        values: Sequence[Any] = self.months if dimension == "period" else self.named[dimension]
        return [values.index(value) for value in of] if dimension == "period" else sorted(map(values.index, of))


def choices(page: Page) -> Choices:
    """What the tables of a page are by."""
    found = [keys for section in page.sections for figure in section.figures for keys in table_keys(figure.table)]
    named = {
        name: sorted({value for keys in found for value in keys.get(name, ())})
        for name in DIMENSIONS
        if name != "period"
    }
    months = [month for keys in found for month in keys.get("period", ()) if isinstance(month, date)]
    return Choices(named, _every_month(min(months), max(months)) if months else ())  # type: ignore[arg-type]


def table_keys(table: Table) -> list[Keys]:
    """What each row of a table is of, by its columns, or by `keys` where the table gives them."""
    columns = [(number, column.name) for number, column in enumerate(table.columns) if column.name in COLUMNS]
    found = []
    for row_number, row in enumerate(table.rows):
        given = {name: values[row_number] for name, values in table.keys.items()}
        cells = [(COLUMNS[name], name, row[number]) for number, name in columns if COLUMNS[name] not in given]
        cells += [(COLUMNS[name], name, value) for name, value in given.items()]
        found.append(_keys(cells))
    return found


def _keys(cells: Iterable[tuple[Dimension, str, Any]]) -> Keys:
    keys: dict[Dimension, Any] = {}
    for dimension, name, value in cells:
        if dimension == "period":
            if months := _months(value, name):
                keys["period"] = months
        elif value is not None and str(value) not in ("all", _("all")):
            keys[dimension] = keys.get(dimension, frozenset()) | {str(value)}
    return keys


def _months(value: Any, name: str) -> Months | None:
    """The months a period reaches into; None for all of them. A week may reach into two."""
    if found := _QUARTER.fullmatch(str(value)):
        last = int(found[2]) * 3
        return date(int(found[1]), last - 2, 1), date(int(found[1]), last, 1)
    if not (found := _MONTH.fullmatch(str(value))):
        return None
    first = date(int(found[1]), int(found[2]), 1)
    last_day = wording.bucket_end(date.fromisoformat(str(value)), "week") if name == "week" else first
    return first, last_day.replace(day=1)


def _every_month(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def named_keys(table: Table) -> dict[str, Keys]:
    """Keys by what a chart calls its marks: the value of a dimension, or the row's name where no two rows share one."""
    keys = table_keys(table)
    columns = [number for number, column in enumerate(table.columns) if column.name in COLUMNS]
    names = Counter(str(row[0]) for row in table.rows)
    found = {str(row[0]): of for row, of in zip(table.rows, keys, strict=True) if names[str(row[0])] == 1}
    found |= {joined(*(row[at] for at in columns)): of for row, of in zip(table.rows, keys, strict=True)}
    for of in keys:
        for dimension, values in of.items():
            if dimension == "period":
                # A point of a time line bears its day; a dot bears its month in words.
                first: date = values[0]  # type: ignore[index]
                said = (first.isoformat(), wording.month(first), wording.short_month(first))
                found |= {name: {"period": values} for name in said if name not in found}
            else:
                found |= {str(value): {dimension: frozenset({str(value)})} for value in values}
    return found


def keyed(svg: str, table: Table, offered: Choices) -> tuple[str, list[Dimension]]:
    """The drawing with the keys of its marks instead of their names, and the dimensions that it is by."""
    names = named_keys(table)
    seen: set[Dimension] = set()
    rows: dict[str, int] = {}

    def attributes(found: re.Match[str]) -> str:
        row_name, name = row_of(unescape(found[1]))
        if name == RUN:
            return " data-run"
        row = f' data-row="{rows.setdefault(row_name, len(rows))}"'
        if name == LABEL:
            return " data-label" + row
        # A panel is called by its value and how many observations it holds: "phone (n = 100)".
        places = offered.positions(names.get(name) or names.get(_COUNTED.sub("", name), {}))
        seen.update(places)
        return "".join(f' data-{dimension}="{place}"' for dimension, place in places.items()) + row

    drawn = _MARK.sub(attributes, svg)
    return (drawn if seen else _MARK.sub("", svg)), [name for name in offered.dimensions if name in seen]
