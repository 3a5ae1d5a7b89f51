"""Records that were set aside, read again from their bytes: the boundaries stay as they were cut from the file."""

import io
import json
from collections.abc import Iterable
from typing import cast

from touchline.errors import TouchlineError
from touchline.landing.readers import json_values
from touchline.landing.readers.delimited import DelimitedReader
from touchline.landing.readers.json_lines import JsonLinesReader
from touchline.landing.readers.record import Record, table_row
from touchline.mapping import Format


class HeldReader:
    """Reads held records of one file by a format that may have been mended since.

    `preamble` and `columns` are what RecordReader knew of the file. Raises TouchlineError where they are not enough.
    """

    def __init__(self, fmt: Format, preamble: bytes, columns: list[str], where: str) -> None:
        stream = cast("io.BufferedReader", io.BufferedReader(io.BytesIO(preamble)))
        self._text: DelimitedReader | JsonLinesReader | None = None
        self._is_declared = isinstance(fmt.header, tuple)
        self.header = list(fmt.header) if isinstance(fmt.header, tuple) else columns
        match fmt.type:
            case "parquet" | "xlsx":
                return
            case "json" | "jsonl":
                self._text = JsonLinesReader(stream, fmt)
                self._text.header = self.header
            case _:
                if fmt.header is True and fmt.fields is None and len(preamble) <= len(b"\xff\xfe\x00\x00"):
                    todo = "reload the file: `touchline loads reload`"
                    raise TouchlineError("The file was read without a header line", where=where, todo=todo)
                self._text = DelimitedReader(stream, fmt, where)
                self.header = self._text.header

    def record(self, number: int, offset: int, payload: bytes) -> Record:
        """The record as today's format reads it."""
        if self._text is None:
            fields, problem = _table_record(self.header, payload)
        else:
            # A byte order mark belongs to the first record of a file without a header.
            self._text.position = offset
            fields, problem = self._text.reread(payload)
        return Record(number, offset, payload, fields, problem)

    @property
    def learns_names(self) -> bool:
        """JSON names its columns record by record: some names may be in held records only."""
        return isinstance(self._text, JsonLinesReader) and not self._is_declared

    def learn_names(self, payloads: Iterable[bytes], where: str) -> None:
        """Take the names of JSON records into the header."""
        if isinstance(self._text, JsonLinesReader):
            found = json_values.collect_names(map(self._text.value, payloads), where)
            self._text.header = self.header = list(dict.fromkeys((*self.header, *found)))


def _table_record(header: list[str], payload: bytes) -> tuple[list[str] | None, str | None]:
    """A row of a table was kept as JSON: column → text, or the texts alone where they did not fit the header."""
    row = json.loads(payload)
    texts = list(row.values()) if isinstance(row, dict) else list(row)
    while texts and not texts[-1]:
        texts.pop()
    _, fields, problem = table_row(header, texts + [None] * (len(header) - len(texts)))
    return fields, problem
