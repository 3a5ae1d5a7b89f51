"""Cuts a text into physical lines as bytes, and decodes them by the declared encoding."""

import codecs
import io
import re
from collections.abc import Iterator
from functools import partial

from touchline.landing.limits import MAX_LINE_BYTES, MIB

_CHUNK = 256 * 1024
_MARKS = (
    codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8,
)  # fmt: skip
"""The longer ones first: one begins like a shorter one."""
_STATEFUL = ("hz", "iso2022", "utf-7")
_MAY_HOLD_SURROGATES = ("utf-7", "unicode-escape", "raw-unicode-escape")
_BYTES_NEVER_WITHIN_A_CHARACTER = 0x30
"""In the multi-byte encodings of ASCII's family, no byte of a longer character is below."""


class Piece(bytes):
    """A part of a line that is too long to be held."""


class Codec:
    """An encoding in which each line can be decoded for itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.newline = "\n".encode(name)
        self.carriage = "\r".encode(name)
        self._checked = name.startswith(_MAY_HOLD_SURROGATES)

    def decode(self, payload: bytes) -> str:
        """The text of a record; raises UnicodeError."""
        text = payload.decode(self.name)
        if self._checked:
            text.encode()
        return text

    def rewind(self) -> None:
        """Take back the last `decode`."""

    def restart(self) -> None:
        """Decode as right behind the header."""

    def settle(self) -> None:
        """The header has been read."""

    def count(self, line: bytes, character: str) -> int:
        """How often an ASCII character occurs in a line that follows those counted and decoded before."""
        if len(self.newline) > 1 or ord(character) >= _BYTES_NEVER_WITHIN_A_CHARACTER:
            return line.decode(self.name, "replace").count(character)
        return line.count(character.encode(self.name))


class StatefulCodec(Codec):
    """An encoding in which a line means something only after those before it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._decoder = codecs.getincrementaldecoder(name)()
        self._start = self._before = self._after = self._counted = self._decoder.getstate()

    def decode(self, payload: bytes) -> str:
        text, state = self._decode(payload, self._after)
        self._before, self._after = self._after, state
        self._counted = state
        return text

    def rewind(self) -> None:
        self._after = self._counted = self._before

    def restart(self) -> None:
        self._before = self._after = self._counted = self._start

    def settle(self) -> None:
        self._start = self._after

    def count(self, line: bytes, character: str) -> int:
        try:
            text, self._counted = self._decode(line, self._counted)
        except UnicodeError:
            return 0
        return text.count(character)

    def _decode(self, payload: bytes, state: tuple[bytes, int]) -> tuple[str, tuple[bytes, int]]:
        self._decoder.setstate(state)
        text = self._decoder.decode(payload, final=not payload.endswith(self.newline))
        after = self._decoder.getstate()
        if after[0]:
            raise UnicodeDecodeError(self.name, payload, len(payload) - 1, len(payload), "incomplete character")
        if self._checked:
            text.encode()
        return text, after


def open_codec(encoding: str, stream: io.BufferedReader) -> Codec:
    """The codec of a stream at its start; a byte order mark decides what the encoding leaves open."""
    name = codecs.lookup(encoding).name
    if name == "utf-8-sig":
        name = "utf-8"
    elif name in ("utf-16", "utf-32"):
        big = codecs.BOM_UTF16_BE if name == "utf-16" else codecs.BOM_UTF32_BE
        name += "-be" if stream.peek(4).startswith(big) else "-le"
    return StatefulCodec(name) if name.startswith(_STATEFUL) else Codec(name)


def byte_order_mark(stream: io.BufferedReader) -> bytes:
    """The mark that a stream begins with; empty if it has none."""
    start = stream.peek(4)
    return next((mark for mark in _MARKS if start.startswith(mark)), b"")


def physical_lines(stream: io.BufferedReader, codec: Codec, quote: str | None) -> Iterator[bytes]:
    """Lines with their ends. A carriage return alone ends lines only in a file whose first line ends so."""
    carriages = _first_line_ends_with_carriage(stream.peek(MIB)[:MIB].decode(codec.name, "replace"), quote)
    if codec.newline == b"\n" and not carriages:
        lines = iter(partial(stream.readline, MAX_LINE_BYTES), b"")
    else:
        lines = _split(stream, codec, carriages)
    inside = False
    for line in lines:
        if inside or len(line) >= MAX_LINE_BYTES:
            complete = line.endswith(codec.newline) or (carriages and line.endswith(codec.carriage))
            yield Piece(line) if inside or not complete else line
            inside = not complete
        else:
            yield line


def _first_line_ends_with_carriage(text: str, quote: str | None) -> bool:
    quotes = start = 0
    for found in re.finditer(r"\r*\n|\r", text):
        quotes += text.count(quote, start, found.start()) if quote else 0
        start = found.start()
        if quotes % 2 == 0:
            return found[0] == "\r"
    return False


def _split(stream: io.BufferedReader, codec: Codec, carriages: bool) -> Iterator[bytes]:
    """Lines of encodings or files whose line end is not the byte 0A."""
    newline, carriage = re.escape(codec.newline), re.escape(codec.carriage)
    pattern = re.compile(b"%b(?:%b)?|%b" % (carriage, newline, newline) if carriages else newline)
    width = len(codec.newline)
    rest = b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        start = 0
        for found in pattern.finditer(rest):
            if found.end() == len(rest) and not found[0].endswith(codec.newline):
                break  # the second half of a line end may follow
            if found.start() % width == 0:
                yield rest[start : found.end()]
                start = found.end()
        rest = rest[start:]
        while len(rest) > MAX_LINE_BYTES:
            yield rest[:MAX_LINE_BYTES]
            rest = rest[MAX_LINE_BYTES:]
    if rest:
        yield rest
