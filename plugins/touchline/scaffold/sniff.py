"""Reads a bounded sample of an export: encoding, delimiter, quotes, header, records."""

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.landing.records import Record, RecordReader
from touchline.mapping import Format
from touchline.scaffold import encodings
from touchline.scaffold.columns import NULL_TEXTS, SHARE, Column, columns_of, looks_like_data
from touchline.scaffold.names import normalised

SAMPLE_RECORDS = 1000
SAMPLE_BYTES = 4 << 20
"""Of the decompressed file."""
DELIMITERS = "\t;|,^~\x1f\x01"
_GZIP = b"\x1f\x8b"
_OTHER_TYPES = {b"PAR1": "parquet", b"PK\x03\x04": "xlsx or zip", b"{": "json or jsonl", b"[": "json"}
_HINT = "write the source by hand, see Format in docs/mappings.md"


@dataclass(frozen=True)
class Sample:
    """What a file begins with. `doubts`: (option of the format, why it may be another)."""

    path: Path
    format: Format
    columns: tuple[Column, ...]
    header: tuple[str, ...]
    records: tuple[Record, ...] = field(repr=False)
    doubts: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True
    location: str | None = None
    """Where a remote export lies, and the name of the connection to it."""
    connection: str | None = None


@dataclass(frozen=True)
class _Cut:
    """How text is cut into fields."""

    delimiter: str
    quote: str | None
    share: float
    """Share of the records that have the most common number of fields."""
    width: int
    rows: list[list[str]] = field(repr=False)


def sniff(path: Path, known_names: Collection[str]) -> Sample:
    """The sample of a delimited file; anything else is refused with a hint. `known_names` tell headers from data."""
    head, is_whole = _first_bytes(path)
    for magic, name in _OTHER_TYPES.items():
        if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(magic):
            raise TouchlineError(f"Only delimited text is proposed for; this is {name}", where=str(path), todo=_HINT)
    encoding = encodings.detect(head, is_whole=is_whole)
    text = encodings.decode(head, encoding.name, is_whole=is_whole) if encoding else None
    if encoding is None or text is None:
        raise TouchlineError("No encoding tried reads this file", where=str(path), todo=_HINT)
    cut, cut_doubt = _best_cut(_whole_lines(text.removeprefix("\ufeff"), path, is_whole=is_whole), path)
    has_header, header_doubt = _header(cut.rows, known_names)
    fmt = _format(encoding.name, cut, has_header=has_header)
    with RecordReader(path, fmt) as reader:
        header = tuple(reader.header)
        records = _bounded(reader)
    good = [record.fields for record in records if record.fields is not None and not record.is_blank]
    if not good:
        raise TouchlineError("The file holds no record to learn from", where=str(path), todo="give one with records")
    found = (("encoding", encoding.doubt), ("delimiter", cut_doubt), ("header", header_doubt))
    doubts = tuple((name, why) for name, why in found if why)
    seen = len(records) < SAMPLE_RECORDS and is_whole
    return Sample(path, fmt, tuple(columns_of(header, good)), header, records, doubts, seen)


def _first_bytes(path: Path) -> tuple[bytes, bool]:
    """(the first bytes, decompressed; whether they are all)."""
    if not path.is_file():
        raise TouchlineError("There is no such file", where=str(path))
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == _GZIP
            raw.seek(0)
            head = (gzip.GzipFile(fileobj=raw) if is_gzip else raw).read(SAMPLE_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TouchlineError("The archive is damaged", where=str(path), todo="deliver the file again") from error
    if not head.strip():
        raise TouchlineError("The file is empty", where=str(path), todo="give an export with its header and records")
    return head[:SAMPLE_BYTES], len(head) <= SAMPLE_BYTES


def _whole_lines(text: str, path: Path, *, is_whole: bool) -> str:
    if is_whole:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    if end < 0:
        raise TouchlineError(f"No line ends within {SAMPLE_BYTES} bytes", where=str(path), todo=_HINT)
    return text[: end + 1]


def _best_cut(text: str, path: Path) -> tuple[_Cut, str | None]:
    """The cut that gives the most records the same number of fields, and what else it might be."""
    cuts = [cut for delimiter in DELIMITERS if delimiter in text for cut in _cuts(text, delimiter)]
    ranked = sorted((cut for cut in cuts if cut.width > 1), key=lambda cut: (-round(cut.share, 2), -cut.width))
    if not ranked or ranked[0].share < SHARE:
        lengths = Counter(len(line) for line in text.splitlines()[:SAMPLE_RECORDS] if line.strip())
        is_fixed = lengths.most_common(1)[0][1] >= SHARE * lengths.total()
        what = "Its lines are equally long: it is of fixed width" if is_fixed else "No delimiter cuts it into columns"
        raise TouchlineError(what, where=str(path), todo=f"set `type: fixed_width` and `fields`; {_HINT}")
    best = ranked[0]
    if len(best.rows[0]) != best.width:
        what = f"The first record has {len(best.rows[0])} fields, most others have {best.width}"
        raise TouchlineError(what, where=str(path), todo="remove what stands above the header")
    rivals = {cut.delimiter for cut in ranked if cut.share > 0.95 and cut.delimiter != best.delimiter}
    return best, f"could also be {' or '.join(map(repr, sorted(rivals)))}" if rivals else None


def _cuts(text: str, delimiter: str) -> list[_Cut]:
    """With quotes; without them as well if that goes through more records."""
    found = []
    for quote in ('"', None):
        rows, errors = _rows(text, delimiter, quote)
        widths = Counter(map(len, rows))
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        found.append(_Cut(delimiter, quote, count / (len(rows) + errors or 1), width, rows))
    return found if found[1].share > found[0].share else found[:1]


def _rows(text: str, delimiter: str, quote: str | None) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    stream = io.StringIO(text, newline="")
    if quote is None:
        reader = csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(stream, delimiter=delimiter, quotechar=quote, strict=True)
    errors = 0
    while len(rows) + errors < SAMPLE_RECORDS:
        try:
            row = next(reader, None)
        except csv.Error:
            errors += 1
            continue
        if row is None:
            break
        if row:
            rows.append(row)
    return rows, errors


def _header(rows: Sequence[Sequence[str]], known: Collection[str]) -> tuple[bool, str | None]:
    """Whether the first record names the columns. If that cannot be told it is data: it may hold personal values."""
    names = [cell.strip() for cell in rows[0]]
    body = columns_of(names, [row for row in rows[1:] if len(row) == len(names)])
    if any(looks_like_data(name) or name in NULL_TEXTS for name in names if name):
        return False, "the first record looks like data: name the columns"
    if any(name and name in column.values for name, column in zip(names, body, strict=True)):
        return False, "the first record holds values that come again: name the columns"
    recognised = sum(normalised(name) in known for name in names)
    contrasts = any(column.is_typed for column in body if column.name and column.name not in NULL_TEXTS)
    if contrasts or recognised >= min(2, len(names)):
        return True, None
    return False, "the first record may be the header (then set `true`) or data: name the columns"


def _format(encoding: str, cut: _Cut, *, has_header: bool) -> Format:
    options: dict[str, object] = {"type": "tsv"} if cut.delimiter == "\t" else {"type": "csv"}
    if encoding != "utf-8":
        options["encoding"] = encoding
    if cut.delimiter not in "\t,":
        options["delimiter"] = cut.delimiter
    if cut.quote is None:
        options["quote"] = None
    if not has_header:
        options["header"] = [f"column_{number}" for number in range(1, cut.width + 1)]
    return Format.model_validate(options)


def _bounded(reader: RecordReader) -> tuple[Record, ...]:
    taken: list[Record] = []
    size = 0
    for record in reader:
        taken.append(record)
        size += len(record.payload)
        if len(taken) >= SAMPLE_RECORDS or size >= SAMPLE_BYTES:
            break
    return tuple(taken)
