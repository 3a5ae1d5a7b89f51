"""Record boundaries: every byte of a file belongs to exactly one record, whatever is wrong with it."""

import codecs
import csv
import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

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


def test_two_lines_with_a_stray_quote_cost_two_records_only(tmp_path: Path) -> None:
    """Together their quotes are balanced, but what they enclose is no record."""
    _, records = read(tmp_path, b'a,b\n1,"open\n2,fine\n3,"open\n4,fine\n')
    assert [r.fields for r in records] == [None, ["2", "fine"], None, ["4", "fine"]]
    assert [r.payload for r in records] == [b'1,"open\n', b"2,fine\n", b'3,"open\n', b"4,fine\n"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    header, records = read(tmp_path, end.join(["a,b", '1,"x\ry"', "2,z"]).encode())
    assert header == ["a", "b"]
    assert [r.fields for r in records] == [["1", "x\ry"], ["2", "z"]]


def test_mixed_line_ends(tmp_path: Path) -> None:
    _, records = read(tmp_path, b"a,b\r\n1,x\n2,y\r\n3,z")
    assert [r.fields for r in records] == [["1", "x"], ["2", "y"], ["3", "z"]]
    _, records = read(tmp_path, b"a,b\r1,x\n2,y\r\n3,z\r")
    assert [r.fields for r in records] == [["1", "x"], ["2", "y"], ["3", "z"]]


def test_carriage_return_inside_a_line_is_not_a_line_end(tmp_path: Path) -> None:
    """Cutting there would make halves of a record look like records."""
    _, records = read(tmp_path, b"a,b\n1,x\ry,2\n3,z\n")
    assert [r.payload for r in records] == [b"1,x\ry,2\n", b"3,z\n"]
    assert records[0].fields is None


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_byte_order_mark_of_a_file_without_header_is_no_part_of_a_value(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding in ("utf-8-sig", "utf-16", "utf-32") else "\ufeff"
    content = f"{mark}1,名\n2,\ufeffx\n".encode(encoding)
    _, records = read(tmp_path, content, Format(encoding=encoding, header=("a", "b")))
    assert [r.fields for r in records] == [["1", "名"], ["2", "\ufeffx"]]
    assert b"".join(r.payload for r in records) == content


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_byte_order_mark_decides_the_byte_order(tmp_path: Path, mark: bytes) -> None:
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    content = mark + "a,b\n1,ਊ\n\n2,Ċ\n".encode(encoding)  # U+0A0A and U+010A hold the byte of a line end
    header, records = read(tmp_path, content, Format(encoding="utf-16"))
    assert header == ["a", "b"]
    assert [r.fields for r in records if not r.is_blank] == [["1", "ਊ"], ["2", "Ċ"]]


def test_a_broken_character_costs_one_record_in_wide_encodings_too(tmp_path: Path) -> None:
    lone_surrogate = b"\x00\xd8"
    content = "a\n1".encode("utf-16-le") + lone_surrogate + "\n2\n".encode("utf-16-le")
    _, records = read(tmp_path, content, Format(encoding="utf-16-le"))
    assert [(r.fields, r.problem) for r in records] == [(None, "byte 2 is not utf-16-le"), (["2"], None)]


def test_stateful_encoding_goes_on_from_line_to_line(tmp_path: Path) -> None:
    """ISO-2022-KR names its character set once, at the start of the text."""
    content = '이름,b\n"한,국\n어",1\n가,2\n'.encode("iso2022_kr")
    assert content.count(b"\x1b$)C") == 1
    header, records = read(tmp_path, content, Format(encoding="iso2022_kr"))
    assert (header, [r.fields for r in records]) == (["이름", "b"], [["한,국\n어", "1"], ["가", "2"]])
    assert content.endswith(b"".join(r.payload for r in records))


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


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"header": False}, "true, or for a file without header the list"),
        ({"header": "id,name"}, "true, or for a file without header the list"),
        ({"header": []}, "true, or for a file without header the list"),
        ({"header": ["a", "a"]}, "a column is listed twice"),
        ({"encoding": "latin-99"}, "Python knows no text encoding 'latin-99'"),
        ({"encoding": "rot13"}, "Python knows no text encoding 'rot13'"),
        ({"delimiter": "||"}, "must be one character"),
        ({"quote": ""}, "must be one character"),
        ({"delimiter": '"'}, "the same character"),
        ({"sheet": "S"}, "`sheet` is for xlsx, not for csv"),
        ({"type": "jsonl", "delimiter": ";"}, "`delimiter` is for csv, tsv, not for jsonl"),
        ({"type": "fixed_width"}, "fixed_width needs `fields`"),
        ({"type": "fixed_width", "fields": {"a": [0, 3]}}, "first position, from 1"),
    ],
)
def test_mistakes_in_a_format_are_told(option: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        Format.model_validate(option)


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


@given(
    content=st.binary(max_size=200),
    fmt=st.sampled_from(
        [
            Format(header=("a", "b")),
            Format(encoding="utf-16", header=("a", "b")),
            Format(encoding="utf-32-be", header=("a", "b")),
            Format(encoding="iso2022_kr", header=("a", "b")),
            Format(encoding="utf-7", header=("a", "b")),
            Format(encoding="big5", quote="|", header=("a", "b")),
            Format(encoding="cp037", header=("a", "b")),
            Format(type="tsv", quote=None, header=("a", "b")),
            Format(type="jsonl", header=("a", "b")),
            Format(type="fixed_width", fields={"a": (1, 2)}),
        ]
    ),
)
def test_no_byte_is_lost_in_any_text_format(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, fmt: Format
) -> None:
    # Archives are recognised by their first bytes.
    content = b"0" + content
    _, records = read(tmp_path_factory.mktemp("bytes"), content, fmt)
    assert b"".join(r.payload for r in records) == content
    assert all((r.fields is None) != (r.problem is None) for r in records)
