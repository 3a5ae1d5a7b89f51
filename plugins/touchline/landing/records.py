"""Cuts the bytes of an export into records, owning every boundary: number, offset and bytes are always known."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from touchline.errors import TouchlineError
from touchline.mapping import Format

MAX_RECORD_BYTES = 1 << 20
"""A quoted field that runs on for longer is an unbalanced quote, not a value."""

_STATEFUL_CODECS = ("hz", "iso2022", "iso-2022", "utf-7", "utf_7")
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `number` counts from 1 after the header, `offset` is in the decompressed bytes.

    Either `fields` or `problem` is set.
    """

    number: int
    offset: int
    payload: bytes
    fields: list[str] | None
    problem: str | None = None

    @property
    def is_blank(self) -> bool:
        return not self.payload.strip()


class RecordReader:
    """Iterates the records of one file. Use as a context manager; `header` is known once it is open."""

    def __init__(self, path: Path, fmt: Format) -> None:
        self._path = path
        self._format = fmt
        self._stream = _open(path)
        self._lines = _lines(self._stream, fmt.encoding)
        self._pending: deque[bytes] = deque()
        self._offset = 0
        self.header = self._read_header()

    def __enter__(self) -> "RecordReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[Record]:
        number = 0
        while payload := self._next_payload():
            number += 1
            offset = self._offset
            self._offset += len(payload)
            fields, problem = self._parse(payload)
            if fields is not None and len(fields) != len(self.header):
                problem = f"{len(self.header)} fields expected, {len(fields)} found"
                fields = None
            yield Record(number, offset, payload, fields, problem)

    def _read_header(self) -> list[str]:
        if self._format.fields is not None:
            return list(self._format.fields)
        if isinstance(self._format.header, tuple):
            return list(self._format.header)
        payload = self._next_payload()
        if not payload:
            raise TouchlineError("The file is empty", where=str(self._path), todo="export it again, with its header")
        self._offset += len(payload)
        fields, problem = self._parse(payload.removeprefix(b"\xef\xbb\xbf"))
        if fields is None:
            raise TouchlineError(f"The header cannot be read: {problem}", where=str(self._path))
        names = [name.strip().removeprefix("\ufeff") for name in fields]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise TouchlineError(f"Column {', '.join(twice)} occurs more than once", where=f"{self._path}, header")
        return names

    def _next_payload(self) -> bytes:
        """The bytes of the next record: physical lines until the quotes are balanced."""
        taken = [self._next_line()]
        quote = (self._format.quote or "").encode()
        if not quote or self._format.fields is not None:
            return taken[0]
        open_quotes = taken[0].count(quote) % 2
        size = len(taken[0])
        while open_quotes and size <= MAX_RECORD_BYTES:
            line = self._next_line()
            if not line:
                break
            taken.append(line)
            size += len(line)
            open_quotes = (open_quotes + line.count(quote)) % 2
        if open_quotes:
            # Never balanced: the first line alone is broken, what follows is read afresh.
            self._pending.extendleft(reversed(taken[1:]))
            return taken[0]
        return b"".join(taken)

    def _next_line(self) -> bytes:
        return self._pending.popleft() if self._pending else next(self._lines, b"")

    def _parse(self, payload: bytes) -> tuple[list[str] | None, str | None]:
        try:
            text = payload.decode(self._format.encoding)
        except UnicodeDecodeError as error:
            return None, f"byte {error.start} is not {self._format.encoding}"
        if self._format.fields is not None:
            line = text.rstrip("\r\n")
            return [line[start - 1 : start - 1 + width] for start, width in self._format.fields.values()], None
        try:
            rows = list(self._csv_reader(text))
        except csv.Error as error:
            return None, f"not {self._format.type}: {error}"
        return (rows[0] if rows else [""]), None

    def _csv_reader(self, text: str) -> Iterator[list[str]]:
        lines = [text.rstrip("\r\n")]
        if self._format.quote is None:
            return csv.reader(lines, delimiter=self._format.separator, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self._format.separator, quotechar=self._format.quote, strict=True)


def _open(path: Path) -> BinaryIO:
    raw = path.open("rb")
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw, mode="rb") if magic == GZIP_MAGIC else raw  # type: ignore[return-value]


def _lines(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Physical lines as bytes; encodings in which a newline byte may be part of a character are decoded first."""
    try:
        if _has_plain_newlines(encoding):
            yield from stream
        else:
            for line in io.TextIOWrapper(stream, encoding=encoding, newline="\n"):
                yield line.encode(encoding)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TouchlineError(f"The archive is damaged: {error}", todo="deliver the file again") from error
    except UnicodeError as error:
        raise TouchlineError(f"The file is not {encoding}: {error}", todo="state its encoding in the source") from error


def _has_plain_newlines(encoding: str) -> bool:
    if encoding.lower().startswith(_STATEFUL_CODECS):
        return False
    return '\n,"'.encode(encoding) == b'\n,"'
