"""Other people's awkward files: what their authors say is in them is what is read."""

import csv
import io
import json
from pathlib import Path

import pytest

from support.reading import read, read_bytes
from touchline.mapping import Format

# All sets but location_coordinates, whose JSON twin has another telephone number than the CSV.
CSV_SPECTRUM = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
]  # fmt: skip
CJK = [
    "big5", "big5hkscs", "cp949", "euc_jisx0213", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "hz",
    "iso2022_jp", "iso2022_kr", "johab", "shift_jis", "shift_jisx0213",
]  # fmt: skip


@pytest.mark.parametrize("name", CSV_SPECTRUM)
def test_csv_spectrum(real_data: Path, tmp_path: Path, name: str) -> None:
    folder = real_data / "dirty" / "csv-spectrum"
    content = (folder / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("crlf") and b"\r" not in content:
        content = content.replace(b"\n", b"\r\n")  # lost by a checkout that normalised line ends
    header, records = read_bytes(tmp_path, content)
    expected = json.loads((folder / "json" / f"{name}.json").read_bytes())
    assert [dict(zip(header, r.fields or (), strict=True)) for r in records] == expected


def test_naughty_strings_come_through(real_data: Path, tmp_path: Path) -> None:
    strings = json.loads((real_data / "dirty" / "blns" / "blns.json").read_bytes())
    out = io.StringIO()
    csv.writer(out).writerows([("n", "text"), *enumerate(strings)])
    _, records = read_bytes(tmp_path, out.getvalue().encode())
    assert [(r.fields or ["", ""])[1] for r in records] == strings
    lines = "".join(json.dumps({"text": text}) + "\n" for text in strings)
    _, records = read_bytes(tmp_path, lines.encode(), Format(type="jsonl"))
    assert [r.fields for r in records] == [[text] for text in strings]


@pytest.mark.parametrize("encoding", CJK)
def test_east_asian_files_equal_their_utf8_twins(real_data: Path, encoding: str) -> None:
    folder = real_data / "dirty" / "cjk_encodings"
    # The texts are prose: one column, no quotes.
    fmt = Format(type="tsv", quote=None, header=("text",), encoding=encoding)
    _, records = read(folder / f"{encoding}.txt", fmt)
    _, twins = read(folder / f"{encoding}-utf8.txt", fmt.model_copy(update={"encoding": "utf-8"}))
    assert records
    assert [(r.fields, r.problem) for r in records] == [(r.fields, r.problem) for r in twins]
    assert b"".join(r.payload for r in records) == (folder / f"{encoding}.txt").read_bytes()


def test_carriage_returns_alone(real_data: Path) -> None:
    path = real_data / "callcenter" / "data_anonymous_bank_shifts.csv"
    _, records = read(path)
    assert all(r.fields is not None for r in records)
    assert len(records) == len(path.read_bytes().rstrip(b"\r").split(b"\r")) - 1
