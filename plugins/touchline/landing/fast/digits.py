"""The characters of a column's texts, place by place, and the numbers that digits make."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Characters = NDArray[np.uint8]
"""For each place the character that every text has there."""


def lengths(texts: pl.Series) -> NDArray[np.int32]:
    """Bytes of each text; -1 for a null."""
    return texts.str.len_bytes().cast(pl.Int32).fill_null(-1).to_numpy()


def from_start(texts: pl.Series, width: int) -> Characters:
    """Places of texts that are all of `width` bytes."""
    joined = texts.to_frame("text").select(pl.col("text").str.join("").cast(pl.Binary)).item()
    return np.ascontiguousarray(np.frombuffer(joined, np.uint8).reshape(len(texts), width).T)


def from_end(texts: pl.Series, sizes: NDArray[np.int32], width: int) -> Characters:
    """The last `width` places of each text, the last one first; zeros where a text is shorter."""
    joined = texts.to_frame("text").select(pl.col("text").str.join("").cast(pl.Binary)).item()
    data = bytes(width) + joined
    windows = np.ndarray((len(joined) + 1,), f"V{width}", data, 0, (1,))
    taken = np.maximum(sizes, 0)
    tails = windows[np.cumsum(taken, dtype=np.int64)].view(np.uint8).reshape(len(texts), width)
    places = np.ascontiguousarray(tails.T)[::-1]
    for place in range(width):
        places[place] *= taken > place
    return places


def number(places: Characters, sure: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The number that up to nine places make; `sure` becomes false where one of them is no digit."""
    total = np.zeros(len(sure), np.int32)
    for characters in places:
        digit = characters - np.uint8(ord("0"))
        sure &= digit < 10
        total = total * np.int32(10) + digit
    return total
