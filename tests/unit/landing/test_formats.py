"""json, jsonl and zip: what is in the file comes out as text, digit for digit; zips hold several files."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import TouchlineError
from touchline.landing.readers import json_array
from touchline.landing.records import Record, RecordReader
from touchline.mapping import Format

ROOT = Path(__file__).parents[3]
JSON = Format(type="json")
JSONL = Format(type="jsonl")


def read(path: Path, fmt: Format) -> tuple[list[str], list[Record]]:
    with RecordReader(path, fmt) as reader:
        return reader.header, list(reader)


def read_text(tmp_path: Path, content: str | bytes, fmt: Format) -> tuple[list[str], list[Record]]:
    path = tmp_path / "export"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, fmt)


def as_rows(header: list[str], records: list[Record]) -> list[dict[str, str]]:
    return [dict(zip(header, record.fields or (), strict=True)) for record in records]


def test_jsonl_keys_values_and_bytes(tmp_path: Path) -> None:
    content = b'{"id": 7, "buyer": {"email": "a@b.c", "tags": ["x", 1.50]}, "vip": true}\n\n{"id": "8", "total": null}'
    header, records = read_text(tmp_path, content, JSONL)
    assert header == ["id", "buyer.email", "buyer.tags", "vip", "total"]
    assert [r.fields for r in records if not r.is_blank] == [
        ["7", "a@b.c", '["x",1.50]', "true", ""],
        ["8", "", "", "", ""],
    ]
    assert b"".join(r.payload for r in records) == content
    assert [(r.number, r.offset) for r in records] == [(1, 0), (2, 73), (3, 74)]


@pytest.mark.parametrize("fmt", [JSON, JSONL])
@pytest.mark.parametrize(
    "number", ["1.10", "1.0", "-0", "1e5", "1E400", "0.1234567890123456789012345", "9" * 5000, "NaN", "-Infinity"]
)
def test_numbers_keep_their_digits(tmp_path: Path, fmt: Format, number: str) -> None:
    content = f'{{"n": {number}}}'
    _, records = read_text(tmp_path, f"[{content}]" if fmt is JSON else content, fmt)
    assert [r.fields for r in records] == [[number]]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"a": 1, "a": 2}', "a key occurs twice"),
        ('{"b": {"c": 1}, "b.c": 2}', "a key occurs twice"),
        ('{"b": {"c": 1, "c": 1}}', "a key occurs twice"),
        ("[1, 2]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ('{"a": "\\ud800"}', "contains half a surrogate pair"),
    ],
)
@pytest.mark.parametrize("fmt", [JSON, JSONL])
def test_what_is_no_record_is_set_aside_alone(tmp_path: Path, fmt: Format, line: str, problem: str) -> None:
    good = '{"a": "1"}'
    content = f"[{good},{line},{good}]" if fmt is JSON else f"{good}\n{line}\n{good}\n"
    header, records = read_text(tmp_path, content, fmt)
    assert header == ["a"]
    assert [(r.fields, r.problem) for r in records] == [(["1"], None), (None, problem), (["1"], None)]
    assert records[1].payload.strip() == line.encode()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"a": 1', "not JSON: Expecting ',' delimiter at character 8"),
        (b'{"a": 1} {"a": 2}', "not JSON: Extra data at character 10"),
        (b'{"a": "\xff"}', "byte 7 is not utf-8"),
        (b'{"a": ' + b"[" * 100_000, "not JSON: nested too deeply"),
    ],
)
def test_a_broken_line_of_jsonl_costs_one_record(tmp_path: Path, line: bytes, problem: str) -> None:
    _, records = read_text(tmp_path, b'{"a": "1"}\n' + line + b'\n{"a": "2"}\n', JSONL)
    assert [(r.fields, r.problem) for r in records] == [(["1"], None), (None, problem), (["2"], None)]


def test_declared_keys_save_the_first_reading_and_may_be_absent(tmp_path: Path) -> None:
    fmt = Format(type="jsonl", header=("id", "note"))
    assert read_text(tmp_path, '{"id": 1, "other": 2}\n', fmt)[1][0].fields == ["1", ""]
    assert read_text(tmp_path, "", fmt) == (["id", "note"], [])
    for empty in ("", "[]", "[1]"):
        with pytest.raises(TouchlineError, match="empty"):
            read_text(tmp_path, empty, JSON if empty else JSONL)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    record = {"名": "张", "emoji": "☎"}
    lines = f"{json.dumps(record, ensure_ascii=False)}\n".encode(encoding)
    assert as_rows(*read_text(tmp_path, lines, Format(type="jsonl", encoding=encoding))) == [record]
    array = json.dumps([record], ensure_ascii=False).encode(encoding)
    assert as_rows(*read_text(tmp_path, array, Format(type="json", encoding=encoding))) == [record]


def test_json_array_at_a_path_with_positions(tmp_path: Path) -> None:
    content = '{"meta": {"items": [1, {"x": []}]}, "data": {"n": 1e3, "items": [ {"ä": "1"} ,\n{"ä": 2}]}, "end": {}}\n'
    header, records = read_text(tmp_path, content, Format(type="json", records="data.items"))
    assert (header, [r.fields for r in records]) == (["ä"], [["1"], ["2"]])
    raw = content.encode()
    assert all(raw[r.offset : r.offset + len(r.payload)] == r.payload for r in records)
    assert [r.payload.decode() for r in records] == ['{"ä": "1"}', '{"ä": 2}']


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"items": []}', "an array of records is expected"),
        ('[{"a": 1}, {"a": 2', "the document ends|no value"),
        ('[{"a": 1} {"a": 2}]', ", is expected"),
        ('[{"a": 1},]', "no value"),
        ('[{"a": 1}] []', "something follows"),
        ('[{"a": 1}', "the document ends early"),
        ('[{"a": tru}]', "no value"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"a": "\xff"}]', "not utf-8"),
    ],
)
def test_broken_structure_refuses_the_document(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TouchlineError, match=message) as refused:
        read_text(tmp_path, content.encode("latin-1"), Format(type="json", header=("a",)))
    assert "byte" in (refused.value.where or "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": {"other": []}}', "no array at data.items"),
        ('{"data": {"items": []}, "data": {"items": [1]}}', "occurs twice"),
        ('{"data": []}', "{ is expected"),
        ('{"data": {"items": {}}}', "an array of records is expected"),
        ("{1: 2}", "a key is expected"),
        ('{"x": ' + '{"x": ' * 50_000, "nested too deeply|ends"),
    ],
)
def test_an_array_that_is_not_at_its_path_is_told(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TouchlineError, match=message):
        read_text(tmp_path, content, Format(type="json", records="data.items", header=("a",)))


texts = st.text(st.characters(codec="utf-8"), max_size=20)
documents = st.lists(st.dictionaries(texts.filter(lambda key: "." not in key), texts, max_size=4), max_size=6)


@given(rows=documents, indent=st.sampled_from([None, 0, 3]), chunk=st.integers(1, 40))
def test_what_a_json_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], indent: int | None, chunk: int
) -> None:
    """Independent writer: Python's json module. Chunks of any size give the same records."""
    tmp_path = tmp_path_factory.mktemp("json")
    header = tuple(dict.fromkeys(key for row in rows for key in row)) or ("none",)
    expected = [[row.get(name, "") for name in header] for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_array, "_CHUNK", chunk)
        document = json.dumps({"a": 1, "r": rows}, indent=indent, ensure_ascii=False)
        _, records = read_text(tmp_path, document, Format(type="json", records="r", header=header))
    assert [r.fields for r in records] == expected
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    _, records = read_text(tmp_path, lines, Format(type="jsonl", header=header))
    assert [r.fields for r in records] == expected


def archive(tmp_path: Path, **members: str) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def test_zip_members_follow_each_other(tmp_path: Path) -> None:
    path = archive(tmp_path, **{"b.csv": "id\n3\n", "sub/a.csv": "id\n4\n", "a.csv": "id\n1\n2\n", "read.me": "hello"})
    header, records = read(path, Format(members=("*.csv",)))
    assert header == ["id"]
    assert [(r.number, r.offset, r.member, r.fields) for r in records] == [
        (1, 3, "a.csv", ["1"]),
        (2, 5, "a.csv", ["2"]),
        (3, 10, "b.csv", ["3"]),  # a.csv is 7 bytes long, the header of b.csv 3
        (4, 15, "sub/a.csv", ["4"]),
    ]


def test_zip_members_of_jsonl_share_their_keys(tmp_path: Path) -> None:
    path = archive(tmp_path, **{"1.jsonl": '{"a": 1}\n', "2.jsonl": '{"b": 2}\n'})
    assert as_rows(*read(path, JSONL)) == [{"a": "1", "b": ""}, {"a": "", "b": "2"}]


def test_hidden_members_are_not_read(tmp_path: Path) -> None:
    path = archive(tmp_path, **{"__MACOSX/._a.csv": "x", ".DS_Store": "x", "a.csv": "id\n1\n", "folder/": ""})
    assert [r.fields for r in read(path, Format())[1]] == [["1"]]


def test_zip_members_must_fit(tmp_path: Path) -> None:
    with pytest.raises(TouchlineError, match="different headers") as refused:
        read(archive(tmp_path, **{"a.csv": "id\n1\n", "b.csv": "name\n1\n"}), Format())
    assert "b.csv" in (refused.value.where or "")
    with pytest.raises(TouchlineError, match="No member of the archive matches"):
        read(archive(tmp_path, **{"a.csv": "id\n"}), Format(members=("*.txt",)))
