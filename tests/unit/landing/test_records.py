"""Record boundaries: every byte of a file belongs to exactly one record, whatever is wrong with it."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import TouchlineError
from touchline.landing.records import Record, RecordReader
from touchline.mapping import Format


def read(tmp_path: Path, content: bytes, fmt: Format | None = None) -> tuple[list[str], list[Record]]:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with RecordReader(path, fmt or Format()) as reader:
        return reader.header, list(reader)


def test_numbers_offsets_and_bytes(tmp_path: Path) -> None:
    header, records = read(tmp_path, b'a,b\n1,"x\ny"\n2,z\r\n')
    assert header == ["a", "b"]
    assert [(r.number, r.offset, r.payload) for r in records] == [(1, 4, b'1,"x\ny"\n'), (2, 12, b"2,z\r\n")]
    assert [r.fields for r in records] == [["1", "x\ny"], ["2", "z"]]


def test_last_record_without_line_end(tmp_path: Path) -> None:
    _, records = read(tmp_path, b"a\n1\n2")
    assert [r.payload for r in records] == [b"1\n", b"2"]


def test_unbalanced_quote_costs_one_record_only(tmp_path: Path) -> None:
    _, records = read(tmp_path, b'a,b\n1,"open\n2,fine\n3,fine\n')
    assert records[0].payload == b'1,"open\n'
    assert records[0].fields is None
    assert [r.fields for r in records[1:]] == [["2", "fine"], ["3", "fine"]]


def test_wrong_number_of_fields_is_named(tmp_path: Path) -> None:
    _, records = read(tmp_path, b"a,b\n1\n1,2,3\n1,2\n")
    assert [r.problem for r in records] == ["2 fields expected, 1 found", "2 fields expected, 3 found", None]


def test_bytes_of_another_encoding_are_a_bad_record_not_a_guess(tmp_path: Path) -> None:
    _, records = read(tmp_path, "a\nMünchen\nBonn\n".encode("latin-1"))
    assert records[0].problem == "byte 1 is not utf-8"
    assert records[1].fields == ["Bonn"]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "gb18030", "big5", "shift_jis", "iso2022_jp", "hz", "cp1252"]
)
def test_declared_encodings(tmp_path: Path, encoding: str) -> None:
    name = "名前" if encoding not in ("cp1252", "big5", "hz") else "名" if encoding != "cp1252" else "Zoë"
    header, records = read(tmp_path, f"{name},b\n{name},2\n".encode(encoding), Format(encoding=encoding))
    assert header == [name, "b"]
    assert records[0].fields == [name, "2"]


def test_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    header, _ = read(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n")
    assert header == ["a", "b"]


def test_gzip_of_several_members(tmp_path: Path) -> None:
    _, records = read(tmp_path, gzip.compress(b"a\n1\n") + gzip.compress(b"2\n"))
    assert [r.fields for r in records] == [["1"], ["2"]]


@pytest.mark.parametrize("cut", [5, 15, -9, -5, -1])
def test_truncated_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(TouchlineError, match="archive is damaged"):
        read(tmp_path, gzip.compress(b"a\n" + b"123\n" * 1000)[:cut])


def test_wrong_checksum_is_refused(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(b"a\n1\n"))
    content[-6] ^= 0xFF
    with pytest.raises(TouchlineError, match="archive is damaged"):
        read(tmp_path, bytes(content))


def test_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="empty"):
        read(tmp_path, b"")


def test_header_only_has_no_records(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n") == (["a", "b"], [])


def test_duplicate_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="Column a occurs more than once"):
        read(tmp_path, b"a,b,a\n1,2,3\n")


def test_fixed_width(tmp_path: Path) -> None:
    fmt = Format(type="fixed_width", fields={"id": (1, 3), "amount": (4, 6)})
    header, records = read(tmp_path, b" 17 12.50\n", fmt)
    assert (header, records[0].fields) == (["id", "amount"], [" 17", " 12.50"])


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    """Independent writer: Python's csv module, everything quoted. Every byte is in exactly one record."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("a", "b"), *rows])
    content = out.getvalue().encode()
    _, records = read(tmp_path_factory.mktemp("csv"), content)
    assert [tuple(r.fields or ()) for r in records] == rows
    assert b'"a","b"\n' + b"".join(r.payload for r in records) == content


@given(content=st.binary(max_size=300))
def test_no_byte_is_lost(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the bytes, header and records are the file cut into pieces."""
    header = b"a,b\n"
    _, records = read(tmp_path_factory.mktemp("bytes"), header + content)
    assert b"".join(r.payload for r in records) == content
    assert [r.offset for r in records] == [
        len(header) + sum(len(q.payload) for q in records[:i]) for i in range(len(records))
    ]
