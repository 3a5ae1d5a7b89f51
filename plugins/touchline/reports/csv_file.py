"""The CSV file beside a figure."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from touchline.reports.content import Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(table: Table) -> bytes:
    """The table in full, with plain numbers and UTC instants; a cell never begins like a spreadsheet formula."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([[*_plain_cells(row)] for row in table.rows])
    return target.getvalue().encode()


def _plain_cells(row: Sequence[Any]) -> Iterator[Any]:
    for value in row:
        if isinstance(value, datetime):
            yield value.astimezone(UTC).isoformat()
        elif value is None or isinstance(value, int | float | Decimal | date):
            yield value
        else:
            text = str(value)
            yield f"'{text}" if text.startswith(_FORMULA_STARTS) else text
