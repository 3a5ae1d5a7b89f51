"""Writes rows as Postgres' binary COPY, with the digest that identifies what a row says.

A block of rows is a table of bytes, every field as wide as its longest value; what lies behind shorter ones is
cut out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import Column, Contract
from touchline.landing.fields import Field, Texts, column, fields, within
from touchline.landing.physical import frame_of
from touchline.landing.values import Value

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
LOADER_COLUMNS = "_source, _load_id, _record_number, _version_at, _payload_hash"

_BLOCK_ROWS = 2048
_BLOCK_BYTES = 1 << 20
"""A block stays in the processor's cache."""
_PG_EPOCH_MICROS = 946_684_800_000_000
_TAIL = np.dtype(
    [("number_size", ">i4"), ("number", ">i8"), ("version_size", ">i4"), ("version", ">i8"), ("hash_size", ">i4"),
     ("hash", ">u8", 2)]
)  # fmt: skip


class RowFormat:
    """The rows of one entity in one load: `columns` of the contract, then the loader's own."""

    def __init__(self, contract: Contract, columns: Sequence[Column], source: str, load_id: int) -> None:
        self.contract = contract
        self.columns = tuple(columns)
        name = source.encode()
        # The same in every row.
        constant = len(name).to_bytes(4, "big") + name + (8).to_bytes(4, "big") + load_id.to_bytes(8, "big")
        self._constant = np.frombuffer(constant, f"V{len(constant)}")

    @property
    def statement(self) -> bytes:
        """The COPY that takes the rows."""
        names = "".join(f'"{column.raw_name}", ' for column in self.columns)
        return f'copy raw."{self.contract.raw_table}" ({names}{LOADER_COLUMNS}) from stdin (format binary)'.encode()

    def frame(self, rows: Sequence[Sequence[Value | UUID]]) -> pl.DataFrame:
        """Rows of typed values, one for each column of the contract, as a frame to encode."""
        places = [place for place, column in enumerate(self.contract.columns) if column in self.columns]
        return frame_of(self.columns, [[row[place] for place in places] for row in rows])

    def encode(
        self,
        frame: pl.DataFrame,
        numbers: NDArray[np.int64],
        versions: NDArray[np.int64],
        cut: Mapping[str, Texts] | None = None,
    ) -> Iterator[memoryview]:
        """Rows of a frame of physical values, named as in `raw`. `versions` in microseconds since 1970.

        `cut`: columns of texts that are taken from there.
        """
        tail = np.empty(frame.height, _TAIL)
        tail["number_size"] = tail["version_size"] = 8
        tail["hash_size"] = 16
        tail["number"] = numbers
        tail["version"] = versions - _PG_EPOCH_MICROS
        found = fields(frame, self.columns, cut or {})
        for start in range(0, frame.height, _BLOCK_ROWS):
            yield from self._blocks(found, tail, slice(start, min(start + _BLOCK_ROWS, frame.height)))

    def _blocks(self, found: list[Field], tail: NDArray[np.void], rows: slice) -> Iterator[memoryview]:
        """Long texts make blocks of fewer rows."""
        count = rows.stop - rows.start
        widths = [field.width(rows) for field in found]
        width = 2 + sum(widths) + 4 * len(widths) + self._constant.itemsize + _TAIL.itemsize
        if count * width > _BLOCK_BYTES and count > 1:
            middle = rows.start + count // 2
            yield from self._blocks(found, tail, slice(rows.start, middle))
            yield from self._blocks(found, tail, slice(middle, rows.stop))
        elif count:
            yield self._block(found, widths, tail[rows], rows, width)

    def _block(
        self, found: list[Field], widths: list[int], tail: NDArray[np.void], rows: slice, width: int
    ) -> memoryview:
        table = np.empty((len(tail), width), np.uint8)
        kept = np.ones(table.shape, np.uint8)
        words = [field.word_count(wide) for field, wide in zip(found, widths, strict=True)]
        said = np.empty((len(tail), sum(words)), np.uint64)
        column(table, ">i2", 0)[:] = len(found) + 5
        at, word = 2, 0
        for field, wide, count in zip(found, widths, words, strict=True):
            field.say(rows, said, word)
            sizes = field.sizes(rows)
            column(table, ">i4", at)[:] = wide if sizes is None else sizes
            at, word = at + 4, word + count
            if wide:
                field.write(rows, column(table, f"V{wide}", at))
                if sizes is not None:
                    column(kept, f"V{wide}", at)[:] = within(sizes, wide)
                at += wide
        column(table, self._constant.dtype, at)[:] = self._constant
        tail["hash"] = self._digests(said, words)
        column(table, _TAIL, at + self._constant.itemsize)[:] = tail
        return table[kept.view(np.bool_)].data

    def _digests(self, said: NDArray[np.uint64], words: list[int]) -> NDArray[np.uint64]:
        """128 bits of each row: two sums of its words, each word folded and times a number of its own."""
        said ^= said >> np.uint64(32)
        keys = [_keys(item.name, -(-count // 16) * 16)[:count] for item, count in zip(self.columns, words, strict=True)]
        return said @ np.concatenate(keys)


@lru_cache(maxsize=4096)
def _keys(name: str, count: int) -> NDArray[np.uint64]:
    """Odd numbers that depend on the column's name and on nothing else."""
    drawn = np.frombuffer(hashlib.shake_128(name.encode()).digest(16 * count), "<u8").reshape(count, 2)
    return drawn.astype(np.uint64) | np.uint64(1)
