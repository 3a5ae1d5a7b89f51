"""Records of jsonl texts: one JSON object a line."""

import io
from collections.abc import Iterator

from touchline.landing.readers import json_values
from touchline.landing.readers.lines import Piece, byte_order_mark, open_codec, physical_lines
from touchline.landing.readers.record import BLANK, TOO_LONG, Record
from touchline.mapping import Format


class JsonLinesReader:
    """Reads one text; `header` is the format's list of names, empty if it has none."""

    def __init__(self, stream: io.BufferedReader, fmt: Format) -> None:
        self._encoding = fmt.encoding
        self._codec = open_codec(fmt.encoding, stream)
        self.preamble = byte_order_mark(stream)
        self._lines = physical_lines(stream, self._codec, quote=None)
        self.header = list(fmt.header) if isinstance(fmt.header, tuple) else []
        self.position = 0

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        for payload in self._lines:
            number += 1
            start = offset + self.position
            fields, problem = self._parse(payload)
            self.position += len(payload)
            yield Record(number, start, payload, fields, problem, member)

    def values(self) -> Iterator[object]:
        """The JSON values of the readable lines, for collecting names."""
        for payload in self._lines:
            value = self.value(payload)
            self.position += len(payload)
            yield value

    def value(self, payload: bytes) -> object:
        """The JSON value of one line; None if it has none."""
        try:
            return self._decode(payload)
        except json_values.NotARecordError:
            return None

    def reread(self, payload: bytes) -> json_values.Parsed:
        """A record that was cut from a file before; `position` says where it began."""
        self._codec.restart()
        return self._parse(payload)

    def _parse(self, payload: bytes) -> json_values.Parsed:
        try:
            return json_values.fields(self._decode(payload), self.header)
        except json_values.NotARecordError as fault:
            return None, str(fault)

    def _decode(self, payload: bytes) -> object:
        if type(payload) is Piece:
            raise json_values.NotARecordError(TOO_LONG)
        try:
            text = self._codec.decode(payload)
        except UnicodeDecodeError as error:
            raise json_values.NotARecordError(f"byte {error.start} is not {self._encoding}") from None
        except UnicodeError:
            raise json_values.NotARecordError(f"not {self._encoding}") from None
        text = (text.removeprefix("\ufeff") if self.position == 0 else text).strip()
        if not text:
            raise json_values.NotARecordError(BLANK)
        return json_values.decode(text)
