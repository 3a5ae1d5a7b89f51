"""Real exports: what can be known is right, what cannot is marked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from touchline.landing.trial import check_export
from touchline.scaffold import Written
from touchline.scaffold.encodings import detect
from touchline.settings import Settings

Propose = Callable[..., Written]


def proposed(written: Written) -> dict[str, Any]:
    document = yaml.safe_load(written.path.read_text(encoding="utf-8"))
    assert document["exports"][0].get("format", {}).get("encoding", "utf-8") == "utf-8"
    return document


def test_bank_calls(propose: Propose, real_data: Path, settings: Settings) -> None:
    path = real_data / "callcenter" / "dev_990201_990203.txt"
    written = propose(path)
    document = proposed(written)
    export = document["exports"][0]
    assert (document["kind"], export["into"][0]["entity"], written.missing) == ("call_center", "contacts", ())
    assert export["format"] == {"type": "tsv"}
    mapped = export["into"][0]["map"]
    assert mapped["initiated_at"] == {"timestamp": ["date", "vru_entry"], "format": "%y%m%d %H:%M:%S"}
    assert mapped["disconnected_at"]["not_before"] == "initiated_at"
    assert {"digits alone are read as %y%m%d"} <= {why for what, why in written.doubts if what == "initiated_at"}
    checked = check_export(settings, "shop", path, None)
    assert checked.loaded == checked.records == len(path.read_bytes().splitlines()) - 1


def test_completejourney_lines_and_receipts(propose: Propose, real_data: Path) -> None:
    path = real_data / "pos" / "transactions_sample.csv.gz"
    written = propose(path)
    document = proposed(written)
    mapped = document["exports"][0]["into"][0]["map"]
    assert document["kind"] == "pos"
    assert (mapped["transaction_id"], mapped["closed_at"]) == ("basket_id", "transaction_timestamp")
    assert "timestamp" not in document["exports"][0].get("values", {}), "ISO 8601 is the default"
    assert any("plain ASCII" in why for what, why in written.doubts if what == "format")
    lines = propose(path, name="lines", entity="transaction_lines")
    assert lines.missing == ("line_no",)
    assert lines.path.name == "lines.yml.draft"
    assert "# REQUIRED: line_no: ?" in lines.path.read_text()


def test_complaints_of_both_spellings(propose: Propose, real_data: Path) -> None:
    american = proposed(propose(real_data / "crm" / "Consumer_Complaints_2016_349.csv", name="american"))
    snake = proposed(propose(real_data / "crm" / "consumer_complaints_snake_147.csv", name="snake"))
    assert american["kind"] == snake["kind"] == "crm"
    # 09/14/2016 occurs: the month comes first.
    assert american["exports"][0]["values"] == {"timestamp": "%m/%d/%Y"}
    assert "timestamp" not in snake["exports"][0].get("values", {})
    assert american["exports"][0]["into"][0]["map"]["created_at"] == "Date received"
    assert snake["exports"][0]["into"][0]["map"]["created_at"] == "date_received"


def test_telco_lacks_when_customers_were_created(propose: Propose, real_data: Path) -> None:
    written = propose(real_data / "crm" / "Telco-Customer-Churn.csv")
    assert (written.kind, written.entity, written.missing) == ("crm", "contacts", ("created_at",))
    assert proposed(written)["exports"][0]["into"][0]["map"]["contact_id"] == "customerID"


def test_service_requests(propose: Propose, real_data: Path, settings: Settings) -> None:
    path = real_data / "callcenter" / "311_Animals_short.csv"
    written = propose(path)
    assert (written.kind, written.entity) == ("crm", "cases")
    # 3/14/2025 1:20 has one reading only.
    assert proposed(written)["exports"][0]["values"]["timestamp"] == "%m/%d/%Y %H:%M"
    assert not any("order of day" in why for _, why in written.doubts)
    checked = check_export(settings, "shop", path, None)
    assert checked.loaded == checked.records


@pytest.mark.parametrize(
    "name",
    ["big5", "cp949", "euc_jp", "gb18030", "gb2312", "gbk", "hz", "iso2022_jp", "iso2022_kr", "shift_jis"],
)
def test_east_asian_encodings(name: str, real_data: Path) -> None:
    folder = real_data / "dirty" / "cjk_encodings"
    sample = (folder / f"{name}.txt").read_bytes()
    found = detect(sample, is_whole=True)
    assert found is not None
    assert found.doubt
    assert sample.decode(found.name) == (folder / f"{name}-utf8.txt").read_bytes().decode()
