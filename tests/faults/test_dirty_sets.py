"""Other people's awkward files: what their authors say is in them is what is read."""

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest

from support.deliveries import Deliveries
from support.reading import read, read_bytes
from touchline import vault
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


SURVEYS = {
    "response_id": {"row_key": ["text"]},
    "survey_type": {"const": "nps"},
    "survey_version": {"const": "1"},
    "scale_min": {"const": 0},
    "scale_max": {"const": 10},
    "higher_is_better": {"const": True},
    "comment": "text",
}
"""Any text becomes the comment of a survey: personal data, so that the vault has to give it back."""


def comments(shared: Deliveries, load_id: int) -> list[str | None]:
    """What the vault holds of a load, in the file's order."""
    keys = vault.load_keys(shared.settings.secrets_dir)
    found = shared.rows(
        "select ciphertext from raw.crm_survey_responses left join vault.values on token = comment_token"
        f" where _load_id = {load_id} order by _record_number"
    )
    return [None if sealed is None else keys.decrypt(bytes(sealed)).decode() for (sealed,) in found]


def stored(text: str) -> str | None:
    """As landing keeps a text: without surrounding blanks, composed; nothing is null."""
    return unicodedata.normalize("NFC", text.strip()) or None


def test_naughty_strings_are_loaded_or_set_aside_byte_for_byte(real_data: Path, shared: Deliveries) -> None:
    strings = json.loads((real_data / "dirty" / "blns" / "blns.json").read_bytes())
    shared.add_source("naughty", entity="survey_responses", into=[{"entity": "survey_responses", "map": SURVEYS}])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("n", "text"), *enumerate(strings)])
    outcome = shared.deliver("naughty/blns.csv", out.getvalue())
    assert outcome.records == len(strings)
    bad = [text for text in strings if "\0" in text]
    assert outcome.quarantined == len(bad)
    assert comments(shared, outcome.load_id) == [stored(text) for text in strings if "\0" not in text]


@pytest.mark.parametrize("encoding", CJK)
def test_east_asian_files_are_loaded_or_set_aside_byte_for_byte(
    real_data: Path, shared: Deliveries, encoding: str
) -> None:
    """Under the stated encoding all is read; every record is a comment, or its bytes are in quarantine."""
    folder = real_data / "dirty" / "cjk_encodings"
    fmt = {"type": "tsv", "quote": None, "header": ["text"], "encoding": encoding}
    mapping = [{"entity": "survey_responses", "map": SURVEYS}]
    shared.add_source(f"cjk_{encoding}", format=fmt, into=mapping)
    content = (folder / f"{encoding}.txt").read_bytes()
    outcome = shared.deliver(f"cjk_{encoding}/a.txt", content)
    _, records = read(folder / f"{encoding}.txt", Format.model_validate(fmt))
    good = [record for record in records if record.fields is not None and not record.is_blank]
    assert (outcome.records, outcome.loaded) == (len(records), len(good))
    assert comments(shared, outcome.load_id) == [stored((record.fields or [""])[0]) for record in good]
    kept = [payload for payload, _, _ in shared.set_aside(outcome.load_id)]
    assert kept == [record.payload for record in records if record.fields is None and not record.is_blank]
