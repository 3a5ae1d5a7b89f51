"""Rows of a table without their gaps, held against cutting each row by itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from touchline.landing.gaps import without


def cut_by_hand(table: NDArray[np.uint8], gaps: list[tuple[int, NDArray[np.int32]]]) -> bytes:
    kept = b""
    for row in range(len(table)):
        begin = 0
        for end, missing in gaps:
            kept += table[row, begin : end - int(missing[row])].tobytes()
            begin = end
        kept += table[row, begin:].tobytes()
    return kept


@given(st.data())
def test_gaps_of_any_length_are_left_out(data: st.DataObject) -> None:
    """Gaps may be longer than all that follows them in a row: 40 bytes before 1."""
    rows = data.draw(st.integers(1, 6))
    widths = data.draw(st.lists(st.integers(1, 40), min_size=0, max_size=4))
    behind = data.draw(st.integers(1, 5))
    gaps, end = [], 0
    for width in widths:
        end += data.draw(st.integers(0, 3)) + width
        missing = data.draw(st.lists(st.integers(0, width), min_size=rows, max_size=rows))
        gaps.append((end, np.array(missing, np.int32)))
    table = np.arange(rows * (end + behind), dtype=np.uint8).reshape(rows, end + behind)
    assert bytes(without(table, gaps, behind)) == cut_by_hand(table, gaps)


def test_what_is_moved_covers_the_gap_before_it_and_no_other_row() -> None:
    """Two rows of 2 + 3 + 1 bytes, of which the first lacks two of three, the second none: 4 and 6 bytes."""
    table = np.frombuffer(b"ab1..z" + b"cd234y", np.uint8).reshape(2, 6)
    assert bytes(without(table, [(5, np.array([2, 0], np.int32))], 1)) == b"ab1zcd234y"
