"""Writes rows as Postgres' binary COPY, with the digest that identifies what a row says.

A block of rows is a table of bytes, every field as wide as its longest value; what lies behind shorter ones is a gap,
which is left out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import Column, Contract
from touchline.landing.fields import Field, column, fields
from touchline.landing.gaps import Gap, without
from touchline.landing.physical import frame_of
from touchline.landing.values import Value

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
LOADER_COLUMNS = "_source, _load_id, _record_number, _version_at, _payload_hash"

_BLOCK_ROWS = 4096
_BLOCK_BYTES = 2 << 20
"""A block stays in the processor's cache."""
_PG_EPOCH_MICROS = 946_684_800_000_000
_TAIL = np.dtype(
    {"names": ["number", "version", "hash"], "formats": [">i8", ">i8", (">u8", 2)], "offsets": [4, 16, 28],
     "itemsize": 44}
)  # fmt: skip
"""The loader's last columns, each with its size before it."""


class RowFormat:
    """The rows of one entity in one load: `columns` of the contract, then the loader's own."""

    def __init__(self, contract: Contract, columns: Sequence[Column], source: str, load_id: int) -> None:
        self.contract = contract
        self.columns = tuple(columns)
        self._constant = field(source.encode()) + field(load_id.to_bytes(8, "big"))

    def copy_into(self, partition: str) -> bytes:
        """The COPY that takes the rows, into a partition of the contract's table."""
        names = "".join(f'"{column.raw_name}", ' for column in self.columns)
        return f'copy raw."{partition}" ({names}{LOADER_COLUMNS}) from stdin (format binary)'.encode()

    def frame(self, rows: Sequence[Sequence[Value | UUID]]) -> pl.DataFrame:
        """Rows of typed values, one for each column of the contract, as a frame to encode."""
        places = [place for place, column in enumerate(self.contract.columns) if column in self.columns]
        return frame_of(self.columns, [[row[place] for place in places] for row in rows])

    def encode(
        self,
        frame: pl.DataFrame,
        numbers: NDArray[np.int64],
        versions: NDArray[np.int64],
        ready: Mapping[str, Field] | None = None,
    ) -> Iterator[memoryview]:
        """Rows of a frame of physical values, named as in `raw`. `versions` in microseconds since 1970.

        `ready`: columns that are taken from there.
        """
        found = fields(frame, self.columns, ready or {})
        versions = versions - _PG_EPOCH_MICROS
        for start in range(0, frame.height, _BLOCK_ROWS):
            yield from self._blocks(found, numbers, versions, slice(start, min(start + _BLOCK_ROWS, frame.height)))

    def _blocks(
        self, found: list[Field], numbers: NDArray[np.int64], versions: NDArray[np.int64], rows: slice
    ) -> Iterator[memoryview]:
        """Long texts make blocks of fewer rows."""
        count = rows.stop - rows.start
        row = self._row([item.width(rows) for item in found])
        if count * len(row) > _BLOCK_BYTES and count > 1:
            middle = rows.start + count // 2
            yield from self._blocks(found, numbers, versions, slice(rows.start, middle))
            yield from self._blocks(found, numbers, versions, slice(middle, rows.stop))
        elif count:
            table = np.empty((count, len(row)), np.uint8)
            column(table, f"V{len(row)}", 0)[:] = np.frombuffer(row, f"V{len(row)}")
            tail = column(table, _TAIL, len(row) - _TAIL.itemsize)
            tail["number"], tail["version"] = numbers[rows], versions[rows]
            gaps, tail["hash"] = self._fill(table, found, rows)
            yield without(table, gaps, len(self._constant) + _TAIL.itemsize)

    def _row(self, widths: list[int]) -> bytes:
        """A row of fields of these widths, of which only those that are the same in the whole load are written."""
        blank = [field(bytes(width)) for width in (*widths, 8, 8, 16)]
        return b"".join(((len(widths) + 5).to_bytes(2, "big"), *blank[:-3], self._constant, *blank[-3:]))

    def _fill(self, table: NDArray[np.uint8], found: list[Field], rows: slice) -> tuple[list[Gap], NDArray[np.uint64]]:
        """Write the fields of some rows; gives the gaps behind them and the rows' digests."""
        widths = [item.width(rows) for item in found]
        words = [item.word_count(wide) for item, wide in zip(found, widths, strict=True)]
        said = np.empty((sum(words), len(table)), np.uint64)
        gaps: list[Gap] = []
        at, word = 2, 0
        for item, wide, count in zip(found, widths, words, strict=True):
            sizes = item.sizes(rows)
            if sizes is not None:
                column(table, ">i4", at)[:] = sizes
                if wide:
                    gaps.append((at + 4 + wide, wide - np.maximum(sizes, 0)))
            at += 4
            item.write(rows, sizes, column(table, f"V{wide}", at), said[word : word + count])
            at, word = at + wide, word + count
        return gaps, self._digests(said, words)

    def _digests(self, said: NDArray[np.uint64], words: list[int]) -> NDArray[np.uint64]:
        """128 bits of each row: two sums of its words, each word folded and times a number of its own."""
        said ^= said >> np.uint64(32)
        keys = [_keys(item.name, -(-count // 16) * 16)[:count] for item, count in zip(self.columns, words, strict=True)]
        sums: NDArray[np.uint64] = np.einsum("wk,wr->kr", np.concatenate(keys), said)
        return sums.T


def field(value: bytes) -> bytes:
    """A value of binary COPY: its size before it."""
    return len(value).to_bytes(4, "big") + value


@lru_cache(maxsize=4096)
def _keys(name: str, count: int) -> NDArray[np.uint64]:
    """Odd numbers that depend on the column's name and on nothing else."""
    drawn = np.frombuffer(hashlib.shake_128(name.encode()).digest(16 * count), "<u8").reshape(count, 2)
    return drawn.astype(np.uint64) | np.uint64(1)
