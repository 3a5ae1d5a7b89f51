"""Cuts a text into chunks of whole records. Records of more than one line are left to the exact reader."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from touchline.landing.fast.exact import ExactRecords, Feed
from touchline.landing.limits import MAX_RECORD_BYTES
from touchline.landing.readers.record import Record
from touchline.mapping import Format

CHUNK_BYTES = 4 << 20
_LEAST_SHARE = 16
"""So much smaller is the first chunk, and each twice as large as the one before: COPY begins with the first. Towards
the end each is half of what is left: after the last one is read, little is left to do."""
_NEWLINE = 10


@dataclass(frozen=True)
class Chunk:
    """Consecutive whole records of a text, `data` beginning at `offset`.

    `ends` are the ends of its physical lines. Those of `plain` are records of their own, with `numbers`; the records of
    the other lines are in `exact`. `size`: bytes of all records.
    """

    data: bytes
    offset: int
    size: int
    ends: NDArray[np.int64]
    plain: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    exact: list[Record]

    @property
    def records(self) -> int:
        return int(self.plain.sum()) + len(self.exact)

    def start(self, line: int) -> int:
        """Where a line begins in `data`."""
        return int(self.ends[line - 1]) if line else 0

    def payload(self, line: int) -> bytes:
        """The bytes of a line, its end included."""
        return self.data[self.start(line) : int(self.ends[line])]


class ChunkReader:
    """Cuts one text into chunks. `is_plain` is false for a text that only the exact reader can read.

    `expected`: bytes of the text, as far as they are known; a wrong number makes some chunks smaller, and nothing else.
    """

    def __init__(
        self,
        source: io.BufferedReader,
        fmt: Format,
        where: str,
        member: str | None,
        size: int = CHUNK_BYTES,
        expected: int = 0,
    ) -> None:
        self._source = source
        self._format = fmt
        self._size = size
        self._expected = expected
        self._feed = Feed(source)
        self._exact = ExactRecords(self._feed, fmt, where, member)
        opened = self._exact.open()
        self.header = opened.header
        # Lines may end with a carriage return alone; a header may have made the reader look ahead.
        self.is_plain = not self._has_lone_carriage() and self._feed.served == opened.position
        self._offset = opened.position
        self._line_feed = Feed(io.BufferedReader(io.BytesIO()))
        self._lines = ExactRecords(self._line_feed, fmt, where, member)

    def chunks(self) -> Iterator[Chunk]:
        """Every chunk behind the header, in order."""
        number = 0
        # Only the exact reader knows what a byte order mark before the first record means.
        is_first = self._format.header is not True
        size = least = max(self._size // _LEAST_SHARE, 1)
        while data := self._source.read(size):
            if not data.endswith(b"\n"):
                data += self._source.readline(MAX_RECORD_BYTES)
            for chunk in self._pieces(data, number, is_first):
                yield chunk
                number += chunk.records
                self._offset += chunk.size
            is_first = False
            left = self._expected - self._offset
            size = min(2 * size, self._size, max(left // 2, least) if left > 0 else self._size)

    def record(self, chunk: Chunk, line: int) -> Record:
        """The record of a plain line, cut into fields by the exact reader."""
        self._line_feed.hand(chunk.payload(line), 0)
        record = self._lines.next(tuple(self.header), self._offset)
        if record is None:
            raise RuntimeError("a line without a record")
        return replace(record, number=int(chunk.numbers[line]), offset=chunk.offset + chunk.start(line))

    def _has_lone_carriage(self) -> bool:
        """Whether a reader may stop at a carriage return in the first line (with all that is quoted in it)."""
        start = self._feed.peek()
        quote = (self._format.quote or "").encode()
        end = start.find(b"\n")
        while quote and end >= 0 and start.count(quote, 0, end) % 2:
            end = start.find(b"\n", end + 1)
        line = start if end < 0 else start[: end + 1]
        return line.count(b"\r") != line.count(b"\r\n")

    def _pieces(self, data: bytes, number: int, is_first: bool) -> Iterator[Chunk]:
        """The chunk of `data`, then one for each record that its last lines go on to behind it, however long."""
        buffer = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(buffer == _NEWLINE) + 1
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        hard = self._hard_lines(buffer, ends)
        hard[0] |= is_first
        plain = np.ones(len(ends), np.bool_)
        exact, rest = self._read_exactly(data, ends, hard, plain)
        chunk = self._numbered(data, number, ends, plain, exact)
        yield chunk
        number += chunk.records
        nothing = np.empty(0, np.int64)
        for record in rest:
            number += 1
            placed = replace(record, number=number, offset=self._offset)
            yield Chunk(b"", self._offset, len(record.payload), nothing, nothing.astype(np.bool_), nothing, [placed])

    def _numbered(
        self,
        data: bytes,
        number: int,
        ends: NDArray[np.int64],
        plain: NDArray[np.bool_],
        exact: list[tuple[int, Record]],
    ) -> Chunk:
        begins = np.array([at for at, _ in exact], np.int64)
        starts = np.concatenate(([0], ends[:-1]))
        numbers = number + np.cumsum(plain) + np.searchsorted(begins, starts)
        plain_starts = starts[plain]
        placed = [
            replace(record, number=number + int(np.searchsorted(plain_starts, at)) + index, offset=self._offset + at)
            for index, (at, record) in enumerate(exact, 1)
        ]
        size = max(len(data), exact[-1][0] + len(exact[-1][1].payload) if exact else 0)
        return Chunk(data, self._offset, size, ends, plain, numbers, placed)

    def _hard_lines(self, buffer: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Lines on which a record of several lines may begin, that are too long, or that lack their end."""
        hard = np.diff(ends, prepend=0) > MAX_RECORD_BYTES
        hard[-1] |= buffer[-1] != _NEWLINE
        if self._format.quote:
            quotes = np.flatnonzero(buffer == ord(self._format.quote))
            if len(quotes):
                hard |= np.diff(np.searchsorted(quotes, ends), prepend=0) % 2 == 1
        return hard

    def _read_exactly(
        self, data: bytes, ends: NDArray[np.int64], hard: NDArray[np.bool_], plain: NDArray[np.bool_]
    ) -> tuple[list[tuple[int, Record]], Iterator[Record]]:
        """Let the exact reader read from each hard line until it holds nothing back; those lines are not plain.

        Gives (place in the chunk, record) of what begins in it, and the records that follow from lines read ahead.
        """
        exact: list[tuple[int, Record]] = []
        rest: Iterator[Record] = iter(())
        done = 0
        for line in np.flatnonzero(hard).tolist():
            begin = int(ends[line - 1]) if line else 0
            if begin < done:
                continue
            self._feed.hand(data, begin)
            done = begin
            rest = self._until_even()
            for record in rest:
                exact.append((done, record))
                done += len(record.payload)
                if done >= len(data):
                    break
            plain[line : int(np.searchsorted(ends, min(done, len(data)))) + 1] = False
        return exact, rest

    def _until_even(self) -> Iterator[Record]:
        """Records until all that was handed over or read ahead is handed out."""
        done = 0
        while record := self._exact.next(tuple(self.header), self._offset):
            yield record
            done += len(record.payload)
            if done == self._feed.served and record.payload.endswith(b"\n"):
                return
