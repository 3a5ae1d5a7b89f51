"""The characters of a column's texts, place by place, and the numbers that digits make."""

import numpy as np
from numpy.typing import NDArray

from touchline.landing.fields import Texts

Characters = NDArray[np.uint8]
"""For each place the character that every text has there."""


def from_start(texts: Texts, width: int) -> Characters:
    """Places of texts that are all of `width` bytes."""
    return _by_place(texts.windows(texts.starts, width))


def from_end(texts: Texts, width: int) -> Characters:
    """The last `width` places of each text (at most ROOM), the last one first; zeros where a text is shorter."""
    taken = np.maximum(texts.lengths, 0)
    places = _by_place(texts.windows(texts.starts + (taken - width), width))[::-1]
    for place in range(int(taken.min(initial=width)), width):
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


def _by_place(windows: NDArray[np.void]) -> Characters:
    return np.ascontiguousarray(windows.view(np.uint8).reshape(len(windows), windows.itemsize).T)
