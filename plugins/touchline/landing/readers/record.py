"""What every format's reader yields."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from touchline.errors import TouchlineError

BLANK = "blank line"
TOO_LONG = "longer than 16 MiB"
HALF_A_CHARACTER = "contains half a surrogate pair"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `number` counts from 1 after the header, `offset` is in the decompressed bytes.

    Either `fields` or `problem` is set. In parquet and xlsx, `offset` is the number of the row from 1 and `payload` the
    row as JSON. `member` names the file of a zip.
    """

    number: int
    offset: int
    payload: bytes
    fields: list[str] | None
    problem: str | None = None
    member: str | None = None

    @property
    def is_blank(self) -> bool:
        return self.problem == BLANK or not self.payload.strip()


class MemberReader(Protocol):
    """Reads one text or table; a zip has several."""

    header: list[str]
    preamble: bytes
    """What stands before the records and decides how they are read: the header line, else a byte order mark."""
    position: int
    """Bytes handed out so far, those of the header included."""

    def records(self, number: int, offset: int, member: str | None) -> Iterator[Record]:
        """Records numbered after `number`, at byte offsets after `offset`."""


def column_names(fields: Sequence[str], where: str) -> list[str]:
    """The header's names without surrounding blanks; a name that occurs twice is refused."""
    names = [name.strip().removeprefix("\ufeff") for name in fields]
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise TouchlineError(
            f"Column {', '.join(twice[:10])} occurs more than once",
            where=f"{where}, header",
            todo="export the file again with one name a column",
        )
    return names


def table_row(header: Sequence[str], texts: list[str | None]) -> tuple[bytes, list[str] | None, str | None]:
    """(payload, fields, problem) of a row that came as cells, not as bytes.

    The payload is canonical: one line of JSON, column → text, in the order of the columns, null for an empty cell.
    """
    fits = len(texts) == len(header)
    row = dict(zip(header, texts, strict=True)) if fits else texts
    problem = None if fits else f"{len(header)} fields expected, {len(texts)} found"
    try:
        payload = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        payload, problem = json.dumps(row, separators=(",", ":")).encode(), HALF_A_CHARACTER
    return payload, None if problem else [text or "" for text in texts], problem
