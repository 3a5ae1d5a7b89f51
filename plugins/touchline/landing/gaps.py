"""Rows of a table of bytes without the gaps behind values that are shorter than others of their column."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Gap = tuple[int, NDArray[np.int32]]
"""Where it ends in the table, and how many bytes it has in each row."""


def without(table: NDArray[np.uint8], gaps: Sequence[Gap], behind: int) -> memoryview:
    """The rows one after the other, without their gaps. `behind`: bytes of a row behind its last gap, at least one.

    What stands between two gaps is moved together with the second of them, which is covered by what is moved next. No
    gap reaches into the row below, of which a part has been moved before: its pieces are no longer than what follows.
    """
    pieces = [piece for gap in gaps for piece in _pieces(gap, behind)]
    left = np.full(len(table), table.shape[1], np.int64)
    for _, missing in pieces:
        left -= missing
    places = np.cumsum(left) - left
    out = np.empty(int(left.sum()), np.uint8)
    begin = 0
    for end, missing in [*pieces, (table.shape[1], np.zeros(1, np.int32))]:
        wide = end - begin
        every = np.ndarray((len(out) - wide + 1,), f"V{wide}", out, 0, (1,))
        every[places] = np.ndarray((len(table),), every.dtype, table, begin, table.strides[:1])
        places += wide - missing
        begin = end
    return out.data


def _pieces(gap: Gap, most: int) -> Iterator[Gap]:
    """The gap as gaps of at most so many bytes."""
    end, missing = gap
    longest = int(missing.max())
    if longest <= most:
        yield gap
        return
    for behind in range((longest - 1) // most * most, -1, -most):
        yield end - behind, np.clip(missing - behind, 0, most)
