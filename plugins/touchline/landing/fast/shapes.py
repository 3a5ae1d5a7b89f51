"""Finds the lines of a chunk whose fields are certain from where separators and quotes stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchline.landing.fast.chunks import Chunk
from touchline.landing.fast.cut import Cut, cut_lines
from touchline.landing.limits import MAX_RECORD_BYTES
from touchline.mapping import Format

PLAIN_ENCODINGS = frozenset({
    "utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-9", "iso8859-15", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "gb2312", "gbk", "gb18030", "big5", "euc_jp", "euc_kr",
})  # fmt: skip
"""Encodings of ASCII's family in which a line end is never a part of a longer character."""

_NEWLINE = 10
_BLANKS = np.zeros(256, np.bool_)
_BLANKS[[*range(0x09, 0x0E), *range(0x1C, 0x21)]] = True
_WIDE_BLANKS = [chr(code).encode() for code in range(0x80, 0x3001) if chr(code).isspace()]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Shape:
    """Lines that are certain: `text` is theirs alone, in UTF-8, each ended by one line feed.

    `lines` are their places in the chunk. The flags tell what may occur in the fields. `cut`: where the fields are,
    if they are what stands between the separators.
    """

    text: bytes
    lines: NDArray[np.int64]
    has_quotes: bool
    may_have_blanks: bool
    """Blanks at the start or end of a field."""
    cut: Cut | None = None


def certain_lines(chunk: Chunk, fmt: Format, encoding: str, width: int) -> Shape:
    """The plain lines that surely have `width` fields and nothing that two readers could see differently."""
    text, doubtful = _decoded(chunk, encoding)
    if text is not chunk.data and text.count(b"\n") != len(chunk.ends):
        return Shape(b"", np.empty(0, np.int64), False, False)
    if b"\r" in text:
        text, doubtful = _without_carriages(text, doubtful)
    buffer = np.frombuffer(text, np.uint8)
    ends = chunk.ends if text is chunk.data else np.flatnonzero(buffer == _NEWLINE) + 1
    doubtful |= ~chunk.plain
    separators = np.flatnonzero(buffer == ord(fmt.separator))
    has_quotes = False
    outer = separators
    if fmt.quote and fmt.quote.encode() in text:
        has_quotes = True
        quotes = np.flatnonzero(buffer == ord(fmt.quote))
        outer, torn = _unquoted(buffer, ends, quotes, separators, ord(fmt.separator))
        doubtful |= torn
    doubtful |= np.diff(np.searchsorted(outer, ends), prepend=0) != width - 1
    is_ascii = text.isascii()
    doubtful |= _lines_with(text, ends, b"\x00")
    if not is_ascii:
        doubtful |= _lines_with(text, ends, _BYTE_ORDER_MARK)
    doubtful |= np.diff(ends, prepend=0) > MAX_RECORD_BYTES // 16
    lines = np.flatnonzero(~doubtful)
    # Line ends (and tabs that separate) are the only bytes up to the blank in most exports.
    expected = len(ends) + (len(separators) if fmt.separator <= " " else 0)
    is_tight = int(np.count_nonzero(buffer <= ord(" "))) == expected
    blanks = has_quotes or (not is_tight and _has_outer_blanks(buffer, separators, ends, ord(fmt.separator)))
    blanks = blanks or (not is_ascii and _has_wide_blanks(buffer))
    cut = None if blanks else cut_lines(text, ends, lines, separators, width)
    return Shape(_only(text, ends, lines), lines, has_quotes, blanks, cut)


def _decoded(chunk: Chunk, encoding: str) -> tuple[bytes, NDArray[np.bool_]]:
    """The chunk's lines in UTF-8 with every line ended, and which of them are not of the encoding."""
    data = chunk.data[: int(chunk.ends[-1])]
    doubtful = np.zeros(len(chunk.ends), np.bool_)
    if not data.endswith(b"\n"):
        data += b"\n"
    if data.isascii():
        return data, doubtful
    pieces = []
    begin = 0
    while begin < len(data):
        try:
            text = str(data[begin:] if begin else data, encoding)
            pieces.append(data[begin:] if encoding == "utf-8" else text.encode())
            break
        except UnicodeDecodeError as error:
            line = int(np.searchsorted(chunk.ends, begin + error.start, "right"))
            doubtful[line] = True
            start = chunk.start(line)
            end = int(chunk.ends[line]) if line + 1 < len(chunk.ends) else len(data)
            pieces += (str(data[begin:start], encoding).encode(), b"\n")
            begin = end
    return b"".join(pieces) if len(pieces) > 1 else pieces[0], doubtful


def _without_carriages(text: bytes, doubtful: NDArray[np.bool_]) -> tuple[bytes, NDArray[np.bool_]]:
    """Line ends of one byte; lines with a carriage return anywhere else are doubtful."""
    text = text.replace(b"\r\n", b"\n")
    if b"\r" in text:
        buffer = np.frombuffer(text, np.uint8)
        doubtful = doubtful | _lines_with(text, np.flatnonzero(buffer == _NEWLINE) + 1, b"\r")
    return text, doubtful


def _lines_with(text: bytes, ends: NDArray[np.int64], mark: bytes) -> NDArray[np.bool_]:
    found = np.zeros(len(ends), np.bool_)
    at = text.find(mark)
    while at >= 0:
        line = int(np.searchsorted(ends, at, "right"))
        found[line] = True
        at = text.find(mark, int(ends[line]))
    return found


def _unquoted(
    buffer: NDArray[np.uint8],
    ends: NDArray[np.int64],
    quotes: NDArray[np.int64],
    separators: NDArray[np.int64],
    separator: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Separators outside quotes, and the lines with a quote that does not stand at a field's edge."""
    starts = np.concatenate(([0], ends[:-1]))
    quotes_before = np.searchsorted(quotes, starts)
    line = np.searchsorted(ends, quotes, "right")
    opens = (np.arange(len(quotes)) - quotes_before[line]) % 2 == 0
    neighbour = buffer[np.where(opens, quotes - 1, quotes + 1)]
    at_edge = (neighbour == separator) | (neighbour == _NEWLINE) | (opens & (quotes == 0))
    torn = np.zeros(len(ends), np.bool_)
    torn[line[~at_edge]] = True
    torn |= np.diff(np.searchsorted(quotes, ends), prepend=0) % 2 == 1
    of_line = np.searchsorted(ends, separators, "right")
    inside = (np.searchsorted(quotes, separators) - quotes_before[of_line]) % 2 == 1
    return separators[~inside], torn


def _has_outer_blanks(
    buffer: NDArray[np.uint8], separators: NDArray[np.int64], ends: NDArray[np.int64], separator: int
) -> bool:
    blanks = _BLANKS.copy()
    blanks[[_NEWLINE, separator]] = False
    edges = (separators - 1, separators + 1, ends - 2, ends[:-1])
    return bool(blanks[buffer[0]]) or any(bool(blanks[buffer[edge]].any()) for edge in edges)


def _has_wide_blanks(buffer: NDArray[np.uint8]) -> bool:
    """Whether there is a blank beyond ASCII anywhere."""
    may_begin = buffer == _WIDE_BLANKS[0][0]
    for lead in {blank[0] for blank in _WIDE_BLANKS[1:]}:
        may_begin |= buffer == lead
    # A text ends with a line feed, which no blank holds.
    places = np.flatnonzero(may_begin[:-2])
    first, second, third = (buffer[places + place].astype(np.int32) for place in range(3))
    found = np.unique(first << 16 | second << 8 | third).tolist()
    return any(three.to_bytes(3, "big").startswith(blank) for three in found for blank in _WIDE_BLANKS)


def _only(text: bytes, ends: NDArray[np.int64], lines: NDArray[np.int64]) -> bytes:
    """The text of some lines."""
    if len(lines) == len(ends):
        return text
    # Neighbours are copied in one piece.
    breaks = np.flatnonzero(np.diff(lines) > 1)
    firsts = lines[np.concatenate(([0], breaks + 1))] if len(lines) else lines
    lasts = lines[np.concatenate((breaks, [len(lines) - 1]))] if len(lines) else lines
    starts = np.where(firsts > 0, ends[firsts - 1], 0)
    return b"".join(text[a:b] for a, b in zip(starts.tolist(), ends[lasts].tolist(), strict=True))
