"""Records of json texts: the objects of one array, read one by one, so that memory does not grow with the file."""

import codecs
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

from touchline.errors import TouchlineError
from touchline.landing.limits import MAX_LINE_BYTES
from touchline.landing.readers import json_values
from touchline.landing.readers.lines import byte_order_mark, open_codec
from touchline.landing.readers.record import Record
from touchline.mapping import Format

_CHUNK = 64 * 1024
_BLANKS = re.compile(r"[ \t\r\n]*")
_ELEMENT = tuple[object, int, bytes]
"""(JSON value, byte offset, bytes)."""


class JsonArrayReader:
    """Reads one text; `header` is the format's list of names, empty if it has none.

    What is wrong inside a value is a bad record; what breaks the structure around it makes the file unreadable, because
    no later boundary can be trusted.
    """

    def __init__(self, stream: io.BufferedReader, fmt: Format, where: str) -> None:
        self._stream = stream
        self._where = where
        self._codec = open_codec(fmt.encoding, stream).name
        self.preamble = byte_order_mark(stream)
        self._decoder = codecs.getincrementaldecoder(self._codec)()
        self._path = fmt.records.split(".") if fmt.records else []
        self._text = ""
        self._start = 0  # of what was not consumed yet
        self._index = 0
        self._at_end = False
        self._array_found = False
        self.header = list(fmt.header) if isinstance(fmt.header, tuple) else []
        self.position = 0

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        for value, start, payload in self._document():
            number += 1
            fields, problem = json_values.fields(value, self.header)
            yield Record(number, offset + start, payload, fields, problem, member)

    def values(self) -> Iterator[object]:
        """The elements, for collecting names."""
        for value, _, _ in self._document():
            yield value

    def _document(self) -> Iterator[_ELEMENT]:
        self._fill()
        if self._text.startswith("\ufeff"):
            self._index = 1
        try:
            yield from self._descend(self._path)
        except RecursionError:
            self._refuse("nested too deeply")
        if not self._array_found:
            todo = "set `records` of the format to the path of the array"
            raise TouchlineError(f"The document has no array at {'.'.join(self._path)}", where=self._where, todo=todo)
        if self._peek():
            self._refuse("something follows the document")
        self._consume()

    def _descend(self, path: Sequence[str]) -> Iterator[_ELEMENT]:
        """Walk the value under the cursor; yield the elements of the array at `path` below it."""
        if not path:
            if self._peek() != "[":
                self._refuse("an array of records is expected", "set `records` of the format to the path of the array")
            if self._array_found:
                self._refuse("the array of records occurs twice")
            self._array_found = True
            yield from self._elements()
            return
        for key in self._keys():
            if key == path[0]:
                yield from self._descend(path[1:])
            else:
                self._skip()

    def _elements(self) -> Iterator[_ELEMENT]:
        for _ in self._items("]"):
            self._consume()
            start = self.position
            value = self._value()
            yield value, start, self._consume()

    def _keys(self) -> Iterator[str]:
        for _ in self._items("}"):
            key = self._value()
            if not isinstance(key, str) or isinstance(key, json_values.Written):
                self._refuse("a key is expected")
            self._expect(":")
            self._peek()
            yield key

    def _items(self, closing: str) -> Iterator[None]:
        """Once an item of an array or object, with the cursor at its start; the caller moves it behind the item."""
        self._expect("[" if closing == "]" else "{")
        if self._peek() == closing:
            self._index += 1
            return
        while True:
            self._peek()
            yield
            if self._peek() == closing:
                self._index += 1
                return
            self._expect(",")

    def _skip(self) -> None:
        opening = self._peek()
        if opening == "{":
            for _ in self._keys():
                self._skip()
        elif opening == "[":
            for _ in self._items("]"):
                self._skip()
        else:
            self._value()
        self._consume()

    def _value(self) -> object:
        """The JSON value under the cursor, which moves behind it."""
        while True:
            fault = "the document ends within a value"
            try:
                value, end = json_values.DECODER.raw_decode(self._text, self._index)
                # A number at the end of what was read may go on.
                if end < len(self._text) or self._at_end:
                    self._index = end
                    return value
            except json.JSONDecodeError as error:
                fault = error.msg
            if self._at_end or len(self._text) - self._index > MAX_LINE_BYTES:
                self._refuse(f"no value of at most 16 MiB here: {fault}")
            self._fill()

    def _peek(self) -> str:
        """The next character that is not blank, under the cursor; empty at the end."""
        while True:
            found = _BLANKS.match(self._text, self._index)
            self._index = found.end() if found else self._index
            if self._index < len(self._text) or self._at_end:
                return self._text[self._index : self._index + 1]
            self._consume()
            self._fill()

    def _expect(self, character: str) -> None:
        if (found := self._peek()) != character:
            self._refuse(f"{character} is expected, not {found!r}" if found else "the document ends early")
        self._index += 1

    def _consume(self) -> bytes:
        """The bytes up to the cursor; they are not held any longer."""
        passed = self._text[self._start : self._index].encode(self._codec, "surrogatepass")
        self._start = self._index
        self.position += len(passed)
        return passed

    def _fill(self) -> None:
        """Read as much again as is held, so that a long value is not parsed over and over."""
        rest = self._text[self._start :]
        chunk = self._stream.read(max(_CHUNK, len(rest)))
        try:
            self._text = rest + self._decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            self._refuse(f"not {self._codec}: {error.args[-1]}", "state its encoding in the source")
        self._index -= self._start
        self._start = 0
        self._at_end = not chunk

    def _refuse(self, fault: str, todo: str = "deliver the file again") -> NoReturn:
        offset = self.position + len(self._text[self._start : self._index].encode(self._codec, "surrogatepass"))
        where = f"{self._where}, byte {offset}"
        raise TouchlineError(f"Not a JSON document of records: {fault}", where=where, todo=todo)
