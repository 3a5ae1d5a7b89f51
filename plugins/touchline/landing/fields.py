"""Columns of a frame as the fields of binary COPY: values of one width, or texts of any length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from touchline.contracts import Column, ColumnType
from touchline.landing.physical import is_wide

_PG_EPOCH_DAYS = 10_957
_PG_EPOCH_MICROS = _PG_EPOCH_DAYS * 86_400_000_000
_NEGATIVE = 0x4000
_BASE = 10_000
_WORD = 8
_NULL = -1
_LISTED_WIDTH = 256
TOKEN = np.dtype("V16")
"""The bytes of a token, as Postgres keeps a uuid."""
ROOM = 32
"""Bytes before the first of some texts, so that the end of each can be read together with what is before it."""


@dataclass(frozen=True)
class Fixed:
    """Values of one width. `words`: 64-bit numbers that tell them apart, zeros for a null; `valid`: None if none is."""

    values: NDArray[np.void]
    words: Sequence[NDArray[np.uint64]]
    valid: NDArray[np.bool_] | None

    def width(self, _rows: slice) -> int:
        return self.values.itemsize

    def word_count(self, _width: int) -> int:
        return 1 + len(self.words)

    def sizes(self, rows: slice) -> NDArray[np.int32] | None:
        """Bytes of each value, -1 for a null; None if all have the full width."""
        if self.valid is None:
            return None
        return np.where(self.valid[rows], np.int32(self.values.itemsize), np.int32(_NULL))

    def write(
        self, rows: slice, sizes: NDArray[np.int32] | None, target: NDArray[np.void], said: NDArray[np.uint64]
    ) -> None:
        """Put the values into `target` and, word by word, what they add to the digest into `said`; zero is not null."""
        target[:] = self.values[rows]
        said[0] = 1 if sizes is None else sizes >= 0
        for place, word in enumerate(self.words, 1):
            said[place] = word[rows]


@dataclass(frozen=True)
class Texts:
    """Texts in `data`, which has room before the first of them (ROOM) and behind the last; a length of -1 is a null."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64] | NDArray[np.int32]
    lengths: NDArray[np.int32]

    def width(self, rows: slice) -> int:
        return self._length if self._length > 0 else max(int(self.lengths[rows].max()), 0)

    def word_count(self, width: int) -> int:
        return 1 + -(-width // _WORD)

    def sizes(self, rows: slice) -> NDArray[np.int32] | None:
        lengths = self.lengths[rows]
        return None if self._length > 0 or (lengths[0] >= 0 and (lengths == lengths[0]).all()) else lengths

    def write(
        self, rows: slice, sizes: NDArray[np.int32] | None, target: NDArray[np.void], said: NDArray[np.uint64]
    ) -> None:
        """Put the texts into `target`, each with what follows it in `data`, and into `said` without that."""
        lengths = np.array([target.itemsize], np.int32) if sizes is None else sizes
        said[0] = lengths + 1
        if target.itemsize:
            padded = self.windows(self.starts[rows], (len(said) - 1) * _WORD)
            words = padded.view("<u8").reshape(len(padded), -1)
            target[:] = column(words, target.dtype, 0)
            said[1:] = words.T
            said[1:] &= within(lengths, padded.itemsize).T

    def at(self, rows: NDArray[np.int64]) -> "Texts":
        """Some of the texts."""
        return Texts(self.data, self.starts[rows], self.lengths[rows])

    def windows(self, starts: NDArray[Any], width: int) -> NDArray[np.void]:
        """`width` bytes of `data` from each of these places on."""
        every = np.ndarray((len(self.data) - width + 1,), f"V{width}", self.data.data, 0, (1,))
        found: NDArray[np.void] = every[starts]
        return found

    def strings(self) -> pl.Series:
        """The texts as Polars has them; a step of Python for each."""
        data, ends = self.data.data, self.starts + self.lengths
        places = zip(self.starts.tolist(), ends.tolist(), strict=True)
        found = [bytes(data[start:end]) if start <= end else None for start, end in places]
        return pl.Series(found, dtype=pl.Binary).cast(pl.String)

    @cached_property
    def _length(self) -> int:
        """The length of every text; -1 if they differ."""
        longest = int(self.lengths.max(initial=_NULL))
        return longest if (self.lengths == longest).all() else _NULL


Field = Fixed | Texts


def column(table: NDArray[Any], kind: np.typing.DTypeLike, at: int) -> NDArray[Any]:
    """The bytes of each row of a table from `at` on, as one value."""
    return np.ndarray((len(table),), np.dtype(kind), table, at, table.strides[:1])


def within(lengths: NDArray[np.int32], width: int) -> NDArray[np.uint64]:
    """For each length a row of so many bytes: as many with all bits set, then zeros; as words of 64 bits."""
    taken = np.maximum(lengths, 0)
    if width <= _LISTED_WIDTH:
        return _marks(width)[taken].view("<u8").reshape(len(lengths), -1)
    marks = np.arange(width, dtype=np.int32) < taken[:, None]
    return (marks * np.uint8(255)).view("<u8")


@cache
def _marks(width: int) -> NDArray[np.void]:
    """What `within` gives for every length up to `width`."""
    return (np.tri(width + 1, width, -1, dtype=np.uint8) * np.uint8(255)).view(f"V{width}").ravel()


def fields(frame: pl.DataFrame, columns: Sequence[Column], ready: Mapping[str, Field]) -> list[Field]:
    """The columns of a frame of physical values, named as in `raw`. `ready`: those that are at hand without it."""
    texts = [column.raw_name for column in columns if column.type is ColumnType.TEXT and not column.personal]
    names = [name for name in texts if name not in ready]
    found = dict(ready) | (dict(zip(names, texts_of(frame.select(names)), strict=True)) if names else {})
    return [
        found[column.raw_name] if column.raw_name in found else _fixed(frame[column.raw_name], column)
        for column in columns
    ]


def texts_of(frame: pl.DataFrame) -> list[Texts]:
    """The texts of each column of a frame."""
    lengths = frame.select(pl.all().str.len_bytes().cast(pl.Int32).fill_null(_NULL))
    joined = frame.select(pl.all().str.join("").cast(pl.Binary)).row(0)
    found = []
    for length, data in zip(lengths, joined, strict=True):
        sizes = length.to_numpy()
        taken = np.maximum(sizes, 0)
        starts = np.cumsum(taken, dtype=np.int64) - taken + ROOM
        found.append(Texts(with_room(data, int(sizes.max(initial=0))), starts, sizes))
    return found


def with_room(data: bytes, longest: int) -> NDArray[np.uint8]:
    """The bytes of texts, of which the longest has so many, with room around them."""
    return np.frombuffer(b"".join((bytes(ROOM), data, bytes(max(longest, ROOM) + _WORD))), np.uint8)


def _fixed(series: pl.Series, column: Column) -> Fixed:
    valid = series.is_not_null().to_numpy() if series.null_count() else None
    if column.personal:
        return _tokens(series, valid)
    if is_wide(column):
        numbers = np.array([int(text or 0) for text in series], dtype=object)
        low, high = (((numbers >> shift) & (2**64 - 1)).astype(np.uint64) for shift in (0, 64))
        return Fixed(_numeric(numbers, column), (low, high), valid)
    if column.type is ColumnType.BOOLEAN:
        flags = series.fill_null(value=False).to_numpy().astype(np.uint8)
        return Fixed(flags.view("V1"), (flags.astype(np.uint64),), valid)
    numbers = series.fill_null(0).to_numpy() if valid is not None else series.to_numpy()
    words = (numbers.view(np.uint64),)
    match column.type:
        case ColumnType.TIMESTAMP:
            return Fixed((numbers - _PG_EPOCH_MICROS).astype(">i8").view("V8"), words, valid)
        case ColumnType.DATE:
            return Fixed((numbers - _PG_EPOCH_DAYS).astype(">i4").view("V4"), words, valid)
        case ColumnType.INTEGER:
            return Fixed(numbers.astype(">i4").view("V4"), words, valid)
    return Fixed(_numeric(numbers, column), words, valid)


def _tokens(series: pl.Series, valid: NDArray[np.bool_] | None) -> Fixed:
    found = np.frombuffer(bytes.fromhex(series.str.join("").item()), TOKEN)
    if valid is not None:
        tokens = np.zeros(len(series), TOKEN)
        tokens[valid] = found
        found = tokens
    return tokens_field(found, valid)


def tokens_field(tokens: NDArray[np.void], valid: NDArray[np.bool_] | None) -> Fixed:
    """Tokens of 16 bytes each, zeros where there is none."""
    words = tokens.view("<u8").reshape(-1, 2)
    return Fixed(tokens, (words[:, 0], words[:, 1]), valid)


def _numeric(numbers: NDArray[np.int64], column: Column) -> NDArray[np.void]:
    """Digits to base 10,000; as many before the point as the largest number has."""
    scale = column.scale or 0
    magnitude = np.abs(numbers)
    whole = magnitude // 10**scale
    places = -(-scale // 4)
    part = magnitude - whole * 10**scale
    largest = int(whole.max()) if len(whole) else 0
    head = -(-len(str(largest)) // 4) if largest else 0
    out = np.empty((len(numbers), 4 + head + places), ">i2")
    out[:, 0] = head + places
    out[:, 1] = head - 1
    out[:, 2] = np.where(numbers < 0, _NEGATIVE, 0)
    out[:, 3] = scale
    _write_digits(whole, out[:, 4 : 4 + head])
    if places:
        # The last digit to base 10,000 may be a part of one; the number times what is missing might not fit.
        missing = 4 * places - scale
        before = part // 10 ** (4 - missing)
        out[:, -1] = (part - before * 10 ** (4 - missing)) * 10**missing
        _write_digits(before, out[:, 4 + head : -1])
    return out.view(f"V{out.shape[1] * 2}").ravel()


def _write_digits(numbers: NDArray[np.int64], out: NDArray[np.int16]) -> None:
    for place in range(out.shape[1] - 1, -1, -1):
        rest = numbers // _BASE if place else np.zeros_like(numbers)
        out[:, place] = numbers - rest * _BASE
        numbers = rest
