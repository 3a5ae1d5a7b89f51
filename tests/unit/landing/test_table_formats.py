"""parquet and xlsx rows as text, and every format side by side: the mapping sees no difference between them."""

import csv
import gzip
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.landing.judge import Judge, Loaded, SetAside
from touchline.landing.readers import parquet, xlsx
from touchline.landing.records import Record, RecordReader
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Format, Source

ROOT = Path(__file__).parents[3]


def read(path: Path, fmt: Format) -> tuple[list[str], list[Record]]:
    with RecordReader(path, fmt) as reader:
        return reader.header, list(reader)


def as_rows(header: list[str], records: list[Record]) -> list[dict[str, str]]:
    return [dict(zip(header, record.fields or (), strict=True)) for record in records]


def test_parquet_values_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    moment = datetime.fromisoformat("2026-01-02T03:04:05.6")
    columns: dict[str, tuple[Any, pl.DataType, str]] = {
        "text": ("={1+1}", pl.String(), "={1+1}"),
        "whole": (-(2**63), pl.Int64(), "-9223372036854775808"),
        "binary_fraction": (0.1, pl.Float64(), "0.1"),
        "exact": (Decimal("1.10"), pl.Decimal(10, 2), "1.10"),
        "flag": (True, pl.Boolean(), "true"),
        "day": (date(2026, 1, 2), pl.Date(), "2026-01-02"),
        "local": (moment, pl.Datetime("us"), "2026-01-02 03:04:05.600000"),
        "instant": (moment.replace(tzinfo=UTC), pl.Datetime("us", "UTC"), "2026-01-02 03:04:05.600000+00:00"),
        "clock": (time(3, 4, 5), pl.Time(), "03:04:05"),
        "span": (timedelta(minutes=1, milliseconds=500), pl.Duration("us"), "60.500000"),
        "raw": (b"\xff\x00", pl.Binary(), "ff00"),
        "list": ([1, 2], pl.List(pl.Int64), "[1,2]"),
    }
    frame = pl.DataFrame({name: pl.Series([value, None], dtype=dtype) for name, (value, dtype, _) in columns.items()})
    nested = pl.Series("nested", [{"a": 1, "b": {"c": "x"}}, None])
    frame.with_columns(nested).write_parquet(path)
    header, records = read(path, Format(type="parquet"))
    assert header == [*columns, "nested.a", "nested.b.c"]
    expected = [text for _, _, text in columns.values()] + ["1", "x"]
    assert records[0].fields == expected
    assert json.loads(records[0].payload) == dict(zip(header, expected, strict=True))
    assert records[1].fields == [""] * 14
    assert datetime.fromisoformat(expected[7]) == moment.replace(tzinfo=UTC)


def test_parquet_rows_keep_their_order_over_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", 7)
    path = tmp_path / "a[0-9]*.parquet"  # a name is no pattern
    pl.DataFrame({"n": range(100)}).write_parquet(path, row_group_size=9)
    _, records = read(path, Format(type="parquet"))
    assert [(r.number, r.offset, r.fields) for r in records] == [(n + 1, n + 1, [str(n)]) for n in range(100)]


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"n": range(1000)}).write_parquet(path)
    content = path.read_bytes()
    for damaged in (b"", b"no parquet", content[:-1], content[: len(content) // 2], content[:4] + content[40:]):
        path.write_bytes(damaged)
        with pytest.raises(TouchlineError, match="Not a readable parquet file"):
            read(path, Format(type="parquet"))


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def save(**sheets: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return save


def test_xlsx_values_as_text(workbook: Callable[..., Path]) -> None:
    day, moment = date(2026, 1, 2), datetime.fromisoformat("2026-01-02T03:04:05")
    midnight = datetime.fromisoformat("2026-01-02T00:00")
    path = workbook(
        S=[
            ["id", "amount", "day", "at", "midnight", "clock", "took", "flag", "note", None],
            ["007", 12.5, day, moment, midnight, time(3, 4), timedelta(hours=30), True, "{{ x }}", None],
            [7, 3.0, None, None, None, None, None, False, "#N/A"],
            [None],
            [None, None, None, None, None, None, None, None, None, "too wide"],
        ]
    )
    header, records = read(path, Format(type="xlsx"))
    assert header == ["id", "amount", "day", "at", "midnight", "clock", "took", "flag", "note"]
    assert records[0].fields == [
        "007", "12.5", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T00:00:00", "03:04:00", "108000", "true",
        "{{ x }}",
    ]  # fmt: skip
    assert records[1].fields == ["7", "3", "", "", "", "", "", "false", "#N/A"]
    assert (records[2].is_blank, records[2].offset) == (True, 4)
    assert records[3].problem == "9 fields expected, 10 found"
    assert json.loads(records[1].payload)["amount"] == "3"


def test_xlsx_sheet_by_name_without_header(workbook: Callable[..., Path]) -> None:
    path = workbook(First=[["x"]], Cases=[[1, 2], [3, 4]])
    fmt = Format(type="xlsx", sheet="Cases", header=("a", "b"))
    assert as_rows(*read(path, fmt)) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    with pytest.raises(TouchlineError, match="There is no sheet 'Other'") as refused:
        read(path, Format(type="xlsx", sheet="Other"))
    assert "'First', 'Cases'" in str(refused.value)
    with pytest.raises(TouchlineError, match="The sheet is empty"):
        read(workbook(Empty=[]), Format(type="xlsx"))


def change(path: Path, member: str, edit: Callable[[str], str]) -> None:
    """Rewrite one part of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[member] = edit(parts[member].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_xlsx_formulas_are_read_not_run(workbook: Callable[..., Path]) -> None:
    """The stored value of a formula is data; a formula without one is empty; a wrong dimension loses nothing."""
    path = workbook(S=[["a", "b", "c"], ["=1+1", "=2+2", "'=cmd|x"]])
    sheet = "xl/worksheets/sheet1.xml"
    change(path, sheet, lambda xml: re.sub(r"<f>1\+1</f><v ?/?>(</v>)?", "<f>1+1</f><v>99</v>", xml))
    change(path, sheet, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1"', xml))
    assert as_rows(*read(path, Format(type="xlsx"))) == [{"a": "99", "b": "", "c": "'=cmd|x"}]


def test_xlsx_shared_texts_are_found_and_bounded(
    workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel keeps texts in a part of their own; this workbook is made the same way."""
    path = workbook(S=[["a"], ["name"]])
    change(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(
        't="inlineStr"><is><t>name</t></is>', 't="s"><v>0</v>'
    ))  # fmt: skip
    part = '<Override PartName="/xl/sharedStrings.xml" ContentType="{0}.sharedStrings+xml"/></Types>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    change(path, "[Content_Types].xml", lambda xml: xml.replace("</Types>", part.format(kind)))
    with zipfile.ZipFile(path, "a") as book:
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}"><si><t>Zoë</t></si></sst>')
    assert as_rows(*read(path, Format(type="xlsx"))) == [{"a": "Zoë"}]
    monkeypatch.setattr(xlsx, "MAX_SHARED_STRINGS_BYTES", 20)
    with pytest.raises(TouchlineError, match="MiB of text"):
        read(path, Format(type="xlsx"))


def test_hostile_or_damaged_workbook_is_refused(workbook: Callable[..., Path]) -> None:
    bomb = (
        "<!DOCTYPE b [" + '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    )
    path = workbook(S=[["a"], ["x"]])
    change(path, "xl/worksheets/sheet1.xml", lambda xml: f"{bomb}]>" + xml.replace(">x<", ">&a11;<"))
    with pytest.raises(TouchlineError, match="Not a readable xlsx workbook"):
        read(path, Format(type="xlsx"))
    for content in (b"", b"no zip", workbook(S=[["a"]]).read_bytes()[:-50]):
        path.write_bytes(content)
        with pytest.raises(TouchlineError, match="The archive is damaged"):
            read(path, Format(type="xlsx"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "no workbook")
    with pytest.raises(TouchlineError, match="Not a readable xlsx workbook"):
        read(path, Format(type="xlsx"))


CONTACTS: list[dict[str, Any]] = [
    {"contact_id": "1", "full_name": 'Zoë, "Z"', "email": "zoe@example.com", "created_at": "2026-01-02T03:04:05Z"},
    {"contact_id": "2", "full_name": "张三\nx", "email": "", "created_at": "2026-01-02T03:04:06+02:00"},
    {"contact_id": "3", "full_name": "Bo", "email": "bo@example.com", "created_at": "yesterday"},
]


def as_delimited(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(CONTACTS[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(CONTACTS)


def as_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (list(CONTACTS[0]), *(list(row.values()) for row in CONTACTS)):
        book.worksheets[0].append(row)
    book.save(path)


WRITERS: dict[str, tuple[Callable[[Path], object], Format]] = {
    "csv": (as_delimited, Format()),
    "csv.gz": (lambda path: as_delimited(path) or path.write_bytes(gzip.compress(path.read_bytes())), Format()),
    "tsv": (lambda path: as_delimited(path, "\t", "utf-16"), Format(type="tsv", encoding="utf-16")),
    "jsonl": (lambda path: path.write_text("".join(json.dumps(row) + "\n" for row in CONTACTS)), Format(type="jsonl")),
    "json": (lambda path: path.write_text(json.dumps({"r": CONTACTS})), Format(type="json", records="r")),
    "parquet": (lambda path: pl.DataFrame(CONTACTS).write_parquet(path), Format(type="parquet")),
    "xlsx": (as_workbook, Format(type="xlsx")),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    """The mapping sees no difference between formats: rows, tokens, and the reason of the bad record are equal."""
    contracts = load_contracts(ROOT / "expectations" / "contracts")
    write, fmt = WRITERS[name]
    path = tmp_path / f"contacts.{name}"
    write(path)
    export = {"name": "contacts", "files": ["*"], "into": [{"entity": "contacts"}]}
    source = Source.model_validate(
        {"source": "shop", "kind": "crm", "description": "test", "owner": "test", "exports": [export]}
    )
    header, records = read(path, fmt)
    judge = Judge(source, source.exports[0], contracts, header, Tokeniser(bytes(32), None))
    first, second, bad = map(judge.judge, records)
    assert isinstance(first, Loaded)
    assert isinstance(second, Loaded)
    assert bad == SetAside("contacts", "created_at", "not a timestamp (ISO 8601)")
    columns = [column.name for column in contracts["crm", "contacts"].columns]
    row = dict(zip(columns, second.rows[0].values, strict=True))
    assert (row["contact_id"], row["email"]) == ("2", None)
    assert row["created_at"] == datetime(2026, 1, 2, 1, 4, 6, tzinfo=UTC)
    assert [value for _, _, value in first.secrets + second.secrets] == [
        CONTACTS[0]["full_name"], CONTACTS[0]["email"], CONTACTS[1]["full_name"],
    ]  # fmt: skip
