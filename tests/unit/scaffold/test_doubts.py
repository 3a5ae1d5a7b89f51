"""What a sample cannot tell is marked; what must not be told is not."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from touchline.cli.app import app
from touchline.errors import TouchlineError
from touchline.landing.trial import check_export
from touchline.scaffold import Written, dates
from touchline.scaffold.render import flow, scalar
from touchline.settings import Settings, get_settings
from touchline.sources import read_source

ROOT = Path(__file__).parents[3]
Propose = Callable[..., Written]

RECEIPTS = "receipt;store;sold_at;amount;customer_mail\n" + "".join(
    f"R{n};S{n % 3};{n:02}.01.2026 1{n % 10}:05;{n},5{n % 10};person{n}@example.org\n" for n in range(1, 29)
)
HOSTILE = ['a "quoted" name', "key: value", "{{ var.value.secret }}", "two\nlines", "x: # y", "- [", "yes", "null",
           "1.5x", "& *", "%TAG", "'", "\\", "tab\there", "next\x85line", "\u2028"]  # fmt: skip


def export_of(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["exports"][0]


def test_receipts_with_decimal_comma_and_german_dates(propose: Propose, settings: Settings, tmp_path: Path) -> None:
    written = propose(RECEIPTS, file_name="receipts_2026-01.csv")
    export = export_of(written.path)
    assert export["format"] == {"type": "csv", "delimiter": ";"}
    assert export["values"] == {"timestamp": "%d.%m.%Y %H:%M", "decimal": ","}
    assert export["files"] == ["shop/receipts_*.csv*"]
    assert read_source(written.path).exports[0].into[0].entity == "transactions"
    checked = check_export(settings, "shop", tmp_path / "receipts_2026-01.csv", None)
    assert (checked.records, checked.loaded) == (28, 28)


def test_personal_values_are_in_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("TOUCHLINE_PROJECT_DIR", str(ROOT))
    get_settings.cache_clear()
    path = tmp_path / "receipts.csv"
    path.write_text(RECEIPTS)
    done = CliRunner().invoke(app, ["new", "source", "shop", "--from", str(path)])
    get_settings.cache_clear()
    assert done.exit_code == 0, done.output
    assert "touchline check-export shop" in done.output
    assert "no column tells it: assumed" in done.output
    text = (tmp_path / "sources" / "shop.yml").read_text()
    assert "email: customer_mail" in text
    assert "example.org" not in text + done.output


def test_personal_values_are_not_mapped_to_an_open_column(propose: Propose) -> None:
    text = RECEIPTS.replace("customer_mail", "customer_id").replace("receipt;", "email;", 1)
    written = propose(text)
    document = written.path.read_text()
    assert "customer_ref: customer_id" not in document
    assert any(what == "customer_ref" and "personal" in why for what, why in written.doubts)


@pytest.mark.parametrize(
    "first", ["Anna Meier;anna@example.org;+49 30 1234567", "Anna Meier;Berlin;phone", "Anna;2026-01-05;12"]
)
def test_a_first_record_of_data_is_not_taken_for_a_header(first: str, propose: Propose) -> None:
    others = "".join(f"Bo Li{n};" + first.partition(";")[2] + "\n" for n in range(5))
    written = propose(f"{first}\n{others}", kind="crm", entity="contacts")
    text = written.path.read_text()
    assert "Anna" not in text
    assert export_of(written.path)["format"]["header"] == ["column_1", "column_2", "column_3"]
    assert any(what == "format" and why.startswith("header") for what, why in written.doubts)


@pytest.mark.parametrize("hostile", sorted({*HOSTILE} - {"null"}))
def test_hostile_header_reads_back(hostile: str, propose: Propose) -> None:
    quoted = '"' + hostile.replace('"', '""') + '"'
    header = f'receipt,store,sold_at,total,{quoted},{quoted[:-1]} at"\n'
    text = header + "".join(f"R{n},S1,2026-01-{n:02} 10:00,{n}.50,x,y\n" for n in range(1, 20))
    written = propose(text, name="hostile")
    assert written.missing == ()
    assert export_of(written.path)["into"][0]["map"]["total"] == "total"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_scalars_round_trip_as_names_and_in_comments(hostile: str) -> None:
    assert yaml.safe_load(f"key: {scalar(hostile)}") == {"key": hostile}
    assert yaml.safe_load(f"key: {flow({hostile: [hostile, 1, True, None]})}") == {
        "key": {hostile: [hostile, 1, True, None]}
    }
    assert yaml.safe_load(f"# Columns: {scalar(hostile)}\nkey: 1") == {"key": 1}


def test_ambiguous_dates_name_both_formats(propose: Propose) -> None:
    rows = "".join(f"R{n},S1,0{n}/0{10 - n}/2026 10:00,5.00\n" for n in range(1, 10))
    written = propose(f"receipt,store,sold_at,total\n{rows}")
    doubt = next(why for what, why in written.doubts if what == "closed_at" and "order" in why)
    assert "%d/%m/%Y %H:%M" in doubt
    assert "%m/%d/%Y %H:%M" in doubt


def test_an_unambiguous_column_settles_the_order_of_another(propose: Propose) -> None:
    rows = "".join(
        f"R{n},S1,0{n}/0{10 - n}/2026 10:00,{n + 12}/31/2026 10:00,5.00\n".replace(f"{n + 12}/31", f"{n}/31")
        for n in range(1, 10)
    )
    rows = rows.replace("2/31", "2/28").replace("4/31", "4/30").replace("6/31", "6/30").replace("9/31", "9/30")
    written = propose(f"receipt,store,sold_at,due_at,total\n{rows}")
    assert export_of(written.path)["values"]["timestamp"] == "%m/%d/%Y %H:%M"
    assert any(what == "closed_at" and "as in other columns" in why for what, why in written.doubts)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_file_that_is_not_utf8_is_unsure(encoding: str, propose: Propose) -> None:
    rows = "".join(f"R{n},Köln Süd,2026-01-{n:02} 10:00,5.00\n" for n in range(1, 20))
    written = propose(f"receipt,store,sold_at,total\n{rows}".encode(encoding))
    # Both write ö and ü with the same bytes.
    assert export_of(written.path)["format"]["encoding"] in ("cp1252", "latin_1")
    assert any(what == "format" and "not utf-8" in why and "could also be" in why for what, why in written.doubts)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("hz", "中文门店"), ("iso2022_jp", "東京支店"), ("cp1251", "Московский"), ("gb18030", "中文门店")],
)
def test_other_encodings_are_proposed_and_unsure(encoding: str, word: str, propose: Propose) -> None:
    rows = "".join(f"R{n},{word},2026-01-{n:02} 10:00,5.00\n" for n in range(1, 20))
    written = propose(f"receipt,store,sold_at,total\n{rows}".encode(encoding))
    assert export_of(written.path)["format"]["encoding"] == encoding
    assert any(what == "format" and why.startswith("encoding") for what, why in written.doubts)


def test_byte_order_mark_and_gzip_are_no_doubt(propose: Propose) -> None:
    text = "receipt,store,sold_at,total\n" + "".join(f"R{n},Köln,2026-01-{n:02} 10:00,5.00\n" for n in range(1, 20))
    written = propose(gzip.compress(text.encode("utf-8-sig")), file_name="export.csv.gz")
    assert export_of(written.path)["into"][0]["map"]["transaction_id"] == "receipt"
    assert not any(what == "format" for what, _ in written.doubts)
    wide = propose(text.encode("utf-16"), name="wide")
    assert export_of(wide.path)["format"]["encoding"] == "utf-16"


def test_yes_no_and_null_words(propose: Propose, settings: Settings, tmp_path: Path) -> None:
    rows = "".join(
        f"C{n};{'ja' if n % 2 else 'nein'};{'N/A' if n % 5 == 0 else f'2026-01-{n:02}'};2026-01-01\n"
        for n in range(1, 29)
    )
    written = propose(f"case_id;is_escalated;closed_at;created_at\n{rows}", kind="crm", entity="cases")
    assert written.missing == ("status",)
    assert export_of(written.path)["values"] == {"null": ["", "N/A"], "true": ["ja"], "false": ["nein"]}


def test_words_of_the_contract_are_translated_and_others_counted(propose: Propose) -> None:
    rows = "".join(
        f"R{n},S1,2026-01-{n:02},5.00,{'In Store' if n < 15 else 'Webshop' if n < 19 else 'Fax'}\n"
        for n in range(1, 20)
    )
    written = propose(f"receipt,store,sold_at,total,channel\n{rows}")
    mapped = export_of(written.path)["into"][0]["map"]
    assert mapped["channel"] == {"column": "channel", "values": {"In Store": "store", "Webshop": "web"}}
    assert ("channel", "1 of 19 sample records would be set aside: not a value the mapping knows") in written.doubts


def test_nothing_is_overwritten_without_force(propose: Propose) -> None:
    written = propose(RECEIPTS)
    written.path.write_text("mine")
    with pytest.raises(TouchlineError, match="exists"):
        propose(RECEIPTS)
    assert written.path.read_text() == "mine"
    propose(RECEIPTS, force=True)
    assert read_source(written.path).source == "shop"


def test_a_draft_fails_the_command_and_no_dag_reads_it(propose: Propose, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "receipts.csv"
    path.write_text(RECEIPTS.replace("sold_at", "remark"))
    out = tmp_path / "sources"
    done = CliRunner().invoke(app, ["new", "source", "shop", "--from", str(path), "--out", str(out)])
    assert done.exit_code == 1
    assert isinstance(done.exception, TouchlineError)
    assert "closed_at" in done.exception.what
    assert [file.name for file in out.iterdir()] == ["shop.yml.draft"]
    assert not list(out.glob("*.yml"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"receipt,store\n", "no record"),
        (b"PAR1....", "parquet"),
        (b'{"a": 1}\n', "json"),
        ("".join(f"{n:05} 2026010{n} {n:6}.50\n" for n in range(1, 9)).encode(), "fixed width"),
        (b"Report of January\nreceipt;store;total\n" + b"R1;S1;5\n" * 20, "first record has 1 fields"),
    ],
)
def test_what_cannot_be_proposed_for_is_refused_with_a_hint(content: bytes, told: str, propose: Propose) -> None:
    with pytest.raises(TouchlineError, match=told) as raised:
        propose(content)
    assert raised.value.todo


def test_unknown_words_of_the_command_are_told(propose: Propose) -> None:
    with pytest.raises(TouchlineError, match="Not a name"):
        propose(RECEIPTS, name="Bad Name")
    with pytest.raises(TouchlineError, match="No contract for pos, cases") as raised:
        propose(RECEIPTS, kind="pos", entity="cases")
    assert "pos.transactions" in (raised.value.todo or "")
    with pytest.raises(TouchlineError, match="No contract resembles"):
        propose("colour,shape\n" + "red,7\n" * 9)


def test_every_format_tried_is_documented() -> None:
    page = (ROOT / "docs" / "mappings.md").read_text()
    assert all(f"`{fmt}`" in page for fmt in (*dates.DATES, *dates.TIMES, *dates.COMPACT))
