"""Sizes of the chunks a text is read in; what they hold is held against the judge in test_fast."""

import io

import pytest

from touchline.landing.fast.chunks import ChunkReader
from touchline.mapping import Format

LINE = b"0123456\n"


def sizes(lines: int, expected: int) -> list[int]:
    """In lines; the reader is to take 128 lines at most."""
    text = b"a,b,c,d\n" + LINE * lines
    reader = ChunkReader(io.BufferedReader(io.BytesIO(text)), Format(), "here", None, 128 * len(LINE), expected)
    return [chunk.size // len(LINE) for chunk in reader.chunks()]


def test_chunks_grow_from_a_sixteenth_and_shrink_towards_the_end() -> None:
    """With the header 1,001 lines: 8 to 128, then half of what is left, at least 8."""
    found = sizes(1000, expected=1001 * len(LINE))
    assert found[:5] == [8, 16, 32, 64, 128]
    assert found[5:9] == [128, 128, 128, 128]
    # 240 are left, then 120, 60, 30, 15 and 7: a chunk ends with the line it would cut.
    assert found[9:] == [120, 60, 30, 15, 8, 7]
    assert sum(found) == 1000


@pytest.mark.parametrize("expected", [0, 100 * len(LINE)])
def test_a_text_longer_than_expected_is_read_in_whole_chunks(expected: int) -> None:
    found = sizes(1000, expected)
    assert found[-3:-1] == [128, 128]
    assert sum(found) == 1000
