"""Where the fields of certain lines stand in their text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchline.landing.fields import ROOM, Texts, with_room


@dataclass(frozen=True)
class Cut:
    """Fields that are what stands between separators, nothing quoted and nothing to strip.

    `data`: the text behind ROOM bytes. `marks`: for each line the place in it before its first field, then those of
    its separators and of its end, a row for each.
    """

    data: NDArray[np.uint8]
    marks: NDArray[np.int32]

    def texts(self, position: int, null_if_empty: bool) -> Texts:
        """The fields of one column."""
        starts = self.marks[position] + 1
        lengths = self.marks[position + 1] - starts
        if null_if_empty:
            lengths[lengths == 0] = -1
        return Texts(self.data, starts, lengths)


def cut_lines(
    text: bytes, ends: NDArray[np.int64], lines: NDArray[np.int64], separators: NDArray[np.int64], width: int
) -> Cut:
    """The fields of some lines of a text, each of which has `width` of them."""
    starts, stops = np.concatenate(([0], ends[:-1]))[lines], ends[lines] - 1
    marks = np.empty((width + 1, len(lines)), np.int32)
    marks[0] = starts - 1
    marks[width] = stops
    if width > 1:
        is_all = len(lines) == len(ends) and len(separators) == len(lines) * (width - 1)
        if not is_all:
            first = np.searchsorted(separators, starts)
            separators = separators[first[:, None] + np.arange(width - 1)]
        marks[1:width] = separators.reshape(len(lines), width - 1).T
    longest = int(np.diff(marks, axis=0).max(initial=1)) - 1
    marks += ROOM
    return Cut(with_room(text, longest), marks)
