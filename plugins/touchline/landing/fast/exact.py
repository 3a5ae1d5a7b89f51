"""The exact reader over parts of a text that others read, too: it takes the records that only it can tell."""

import io
from collections.abc import Iterator
from typing import cast

from touchline.landing.limits import MAX_RECORD_BYTES
from touchline.landing.readers.delimited import DelimitedReader
from touchline.landing.readers.record import Record
from touchline.mapping import Format


class Feed(io.RawIOBase):
    """The stream as the exact reader sees it: the current chunk from some place on, then what follows in the file."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._start = source.peek(MAX_RECORD_BYTES)[:MAX_RECORD_BYTES]
        self._data = b""
        self._at = 0
        self.served = 0

    def hand(self, data: bytes, at: int) -> None:
        """Serve `data` from `at` on."""
        self._data, self._at, self.served = data, at, 0

    def peek(self, _size: int = 0) -> bytes:
        """The first bytes of the text, wherever reading has come to."""
        return self._start

    def readline(self, size: int | None = -1) -> bytes:
        limit = -1 if size is None else size
        line = b""
        if self._at < len(self._data):
            stop = self._data.find(b"\n", self._at) + 1 or len(self._data)
            stop = min(stop, self._at + limit) if limit >= 0 else stop
            line = self._data[self._at : stop]
            self._at = stop
            limit -= len(line) if limit >= 0 else 0
        if not line.endswith(b"\n") and limit != 0:
            line += self._source.readline(limit)
        self.served += len(line)
        return line

    def read(self, size: int = -1) -> bytes:
        """For the header of a text whose lines end otherwise; the exact reader reads the rest of it."""
        data, self._at = self._data[self._at :], len(self._data)
        data += self._source.read(size)
        self.served += len(data)
        return data


class ExactRecords:
    """The exact reader over a feed. It may hold back lines it has read ahead, which no other may then take."""

    def __init__(self, feed: Feed, fmt: Format, where: str, member: str | None) -> None:
        self._feed = feed
        self._format = fmt
        self._where = where
        self._member = member
        self._records: Iterator[Record] = iter(())

    def open(self, fmt: Format | None = None, position: int = 0) -> DelimitedReader:
        """Begin anew, behind the header that the format states or the text holds."""
        reader = DelimitedReader(cast("io.BufferedReader", self._feed), fmt or self._format, self._where)
        reader.position = reader.position if fmt is None else position
        self._records = reader.records(0, 0, self._member)
        return reader

    def next(self, header: tuple[str, ...], offset: int) -> Record | None:
        """The next record; a reader that has met the end of what it was given reads no more, and is replaced."""
        record = next(self._records, None)
        if record is None:
            self.open(self._format.model_copy(update={"header": header}), max(offset, 1))
            record = next(self._records, None)
        return record
