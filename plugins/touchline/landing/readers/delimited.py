"""Records of csv, tsv and fixed-width texts."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from functools import partial

from touchline.errors import TouchlineError
from touchline.landing.limits import MAX_RECORD_BYTES
from touchline.landing.readers.lines import Piece, byte_order_mark, open_codec, physical_lines
from touchline.landing.readers.record import BLANK, TOO_LONG, Record, column_names
from touchline.mapping import Format

# The default of 128 KiB is less than a long comment.
csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD_BYTES))

Parsed = tuple[list[str] | None, str | None]
"""(fields, problem); one of them is None."""


class DelimitedReader:
    """Reads one text; its lines belong together as long as a quote is open."""

    def __init__(self, stream: io.BufferedReader, fmt: Format, where: str) -> None:
        self._format = fmt
        self._positions = None if fmt.fields is None else tuple(fmt.fields.values())
        self._quote = None if fmt.fields is not None else fmt.quote
        self._cut = partial(
            csv.reader,
            delimiter=fmt.separator,
            quotechar=fmt.quote,
            quoting=csv.QUOTE_MINIMAL if fmt.quote else csv.QUOTE_NONE,
            strict=True,
        )
        self._codec = open_codec(fmt.encoding, stream)
        self.preamble = byte_order_mark(stream)
        self._is_wide = len(self._codec.newline) > 1
        self._lines = physical_lines(stream, self._codec, self._quote)
        self._pending: deque[bytes] = deque()
        self.position = 0
        self.header = self._read_header(where)

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        while True:
            payload, parsed = self._take()
            if not payload:
                return
            number += 1
            start = offset + self.position
            self.position += len(payload)
            fields, problem = self._fitting(parsed)
            yield Record(number, start, payload, fields, problem, member)

    def reread(self, payload: bytes) -> Parsed:
        """A record that was cut from a file before; `position` says where it began."""
        self._codec.restart()
        return self._fitting(self._parse(payload))

    def _fitting(self, parsed: Parsed) -> Parsed:
        fields, width = parsed[0], len(self.header)
        if fields is None or len(fields) == width:
            return parsed
        return None, f"{width} fields expected, {len(fields)} found"

    def _read_header(self, where: str) -> list[str]:
        if self._format.fields is not None:
            return list(self._format.fields)
        if isinstance(self._format.header, tuple):
            return list(self._format.header)
        payload, (fields, problem) = self._take()
        if not payload:
            raise TouchlineError("The file is empty", where=where, todo="export it again, with its header")
        if fields is None:
            todo = "check the format and encoding of this export"
            raise TouchlineError(f"The header cannot be read: {problem}", where=where, todo=todo)
        self.position = len(payload)
        self.preamble = payload
        self._codec.settle()
        return column_names(fields, where)

    def _take(self) -> tuple[bytes, Parsed]:
        """The next record's bytes and fields; no bytes at the end."""
        line = self._next_line()
        if type(line) is Piece:
            return line, (None, TOO_LONG)
        if self._quote and self._codec.count(line, self._quote) % 2 and (more := self._until_balanced(len(line))):
            payload = line + b"".join(more)
            parsed = self._parse(payload)
            if parsed[0] is not None:
                return payload, parsed
            # The quote that closed belongs elsewhere: the first line alone is broken, what follows is read afresh.
            self._codec.rewind()
            self._pending.extendleft(reversed(more))
        return line, self._parse(line)

    def _until_balanced(self, size: int) -> list[bytes]:
        """The lines up to the one that closes an open quote; none if it is never closed."""
        taken: list[bytes] = []
        while size <= MAX_RECORD_BYTES and (line := self._next_line()):
            taken.append(line)
            size += len(line)
            if type(line) is Piece:
                break
            if self._codec.count(line, self._quote or "") % 2:
                return taken
        self._pending.extendleft(reversed(taken))
        return []

    def _next_line(self) -> bytes:
        return self._pending.popleft() if self._pending else next(self._lines, b"")

    def _parse(self, payload: bytes) -> Parsed:
        try:
            text = self._codec.decode(payload)
        except UnicodeDecodeError as error:
            return None, f"byte {error.start} is not {self._format.encoding}"
        except UnicodeError:
            return None, f"not {self._format.encoding}"
        if self.position == 0:
            text = text.removeprefix("\ufeff")
        text = text.rstrip("\r\n")
        if self._is_wide and not text.strip():
            return None, BLANK
        if self._positions is not None:
            return [text[start - 1 : start - 1 + width] for start, width in self._positions], None
        try:
            rows = list(self._cut((text,)))
        except csv.Error as error:
            return None, f"not {self._format.type}: {error}"
        return (rows[0] if rows else [""]), None
