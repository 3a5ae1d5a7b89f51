"""Records of xlsx workbooks: the rows of one sheet, as texts. Formulas are not computed: cached values are read."""

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
from openpyxl.styles.numbers import is_datetime

from touchline.errors import TouchlineError
from touchline.landing.limits import MAX_SHARED_STRINGS_BYTES, MIB, Limits
from touchline.landing.readers.containers import open_zip
from touchline.landing.readers.record import Record, column_names, table_row
from touchline.mapping import Format

_FAILURES = (
    BadZipFile, zlib.error, EOFError, OSError, ParseError,
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError,
)  # fmt: skip
"""What the library raises for a workbook that is not one."""


class XlsxReader:
    """Reads one sheet row by row."""

    def __init__(self, path: Path, fmt: Format, limits: Limits) -> None:
        self._path = path
        self.preamble = b""
        self._check_size(limits)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except _FAILURES as error:
            raise self._damaged(error) from error
        try:
            self._rows = self._texts(self._sheet(fmt.sheet))
            self.position = 0
            self.header = list(fmt.header) if isinstance(fmt.header, tuple) else self._read_header()
        except TouchlineError:
            self.close()
            raise

    def _check_size(self, limits: Limits) -> None:
        with open_zip(self._path, limits) as archive:
            texts = sum(info.file_size for info in archive.infolist() if info.filename.endswith("/sharedStrings.xml"))
        if texts > MAX_SHARED_STRINGS_BYTES:
            what = f"The workbook has more than {MAX_SHARED_STRINGS_BYTES // MIB} MiB of text"
            raise TouchlineError(what, where=str(self._path), todo="split it, or deliver csv")

    def close(self) -> None:
        self._book.close()

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        for texts in self._rows:
            number += 1
            self.position += 1
            if not any(texts):
                yield Record(number, offset + self.position, b"", [""] * len(self.header), None, member)
                continue
            padded = texts + [None] * (len(self.header) - len(texts))
            payload, fields, problem = table_row(self.header, padded)
            yield Record(number, offset + self.position, payload, fields, problem, member)

    def _read_header(self) -> list[str]:
        texts = next(self._rows, None)
        if not texts:
            raise TouchlineError("The sheet is empty", where=str(self._path), todo="export it again, with its header")
        self.position = 1
        return column_names([text or "" for text in texts], str(self._path))

    def _sheet(self, name: str | None) -> Any:
        sheets = {sheet.title: sheet for sheet in self._book.worksheets}
        if not sheets or (name is not None and name not in sheets):
            todo = f"set `sheet` of the format; the workbook has: {', '.join(map(repr, sheets)) or 'none'}"
            raise TouchlineError(f"There is no sheet {name!r}", where=str(self._path), todo=todo)
        sheet = sheets[name] if name is not None else next(iter(sheets.values()))
        sheet.reset_dimensions()  # programs write wrong ones
        return sheet

    def _texts(self, sheet: Any) -> Iterator[list[str | None]]:
        """Rows without the empty cells at their end."""
        try:
            for cells in sheet.iter_rows():
                texts = [_text(cell) for cell in cells]
                while texts and not texts[-1]:
                    texts.pop()
                yield texts
        except _FAILURES as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> TouchlineError:
        what = f"Not a readable xlsx workbook: {type(error).__name__} {error}"
        return TouchlineError(what, where=str(self._path), todo="save it again as .xlsx and deliver it again")


def _text(cell: Any) -> str | None:
    match cell.value:
        case None:
            return None
        case bool() as flag:
            return "true" if flag else "false"
        case float() as number:
            return str(int(number)) if number.is_integer() else repr(number)
        case datetime() as moment:
            # A cell formatted as a date has no time of day.
            is_date = is_datetime(cell.number_format) == "date" and moment.time() == time()
            return (moment.date() if is_date else moment).isoformat()
        case date() | time() as moment:
            return moment.isoformat()
        case timedelta() as duration:
            seconds = duration.total_seconds()
            return str(int(seconds)) if seconds.is_integer() else repr(seconds)
    return str(cell.value)
