"""Headers, file names and values that want to be more than data: SQL, templates, shells, formulas, terminals."""

import csv
import io
import json

import pytest

from support.commands import touchline
from support.deliveries import Deliveries

HOSTILE = [
    '";drop table raw.crm_contacts;--',
    "'; drop schema raw cascade; --",
    "{{ 7*7 }}",
    "{% raw %}",
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "$(id)",
    "`id`",
    "../../etc/passwd",
    "\\.",
    "\\N",
    "a\tb\nc\rd",
    "\x1b[2J",
    "<script>alert(1)</script>",
    "[bold]markup[/bold]",
    "%(x)s {0} :name $1",
    "\u202egnp.exe",
    "名💥",
]


def written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("quickly", [True, False])
def test_values_arrive_as_they_are(shared: Deliveries, monkeypatch: pytest.MonkeyPatch, quickly: bool) -> None:
    if not quickly:
        monkeypatch.setattr("touchline.landing.load.plan", lambda *_: "asked by the test")
    source = f"values_{quickly}".lower()
    shared.add_source(source)
    rows = [[text, "2026-01-01", text] for text in HOSTILE]
    outcome = shared.deliver(f"{source}/a.csv", written([["contact_id", "created_at", "segment_code"], *rows]))
    assert (outcome.loaded, outcome.quarantined) == (len(HOSTILE), 0)
    found = shared.rows(
        f"select contact_id, segment_code from raw.crm_contacts where _source = '{source}' order by _record_number"
    )
    assert found == [(text, text) for text in HOSTILE]


def test_headers_are_only_looked_up(shared: Deliveries) -> None:
    shared.add_source("headers")
    names = ["contact_id", "created_at", *HOSTILE]
    row = ["m1", "2026-01-01", *HOSTILE]
    outcome = shared.deliver("headers/a.csv", written([names, row]))
    assert (outcome.state, outcome.loaded) == ("loaded", 1)
    assert shared.rows("select contact_id from raw.crm_contacts where _source = 'headers'") == [("m1",)]


def test_a_mapping_may_name_a_hostile_header(shared: Deliveries) -> None:
    evil = '";drop table raw.crm_contacts;-- {{ 1 }}'
    mapping = {"contact_id": evil, "created_at": {"const": "2026-01-01"}}
    shared.add_source("mapped", into=[{"entity": "contacts", "map": mapping}])
    assert shared.deliver("mapped/a.csv", written([[evil], ["m1"]])).loaded == 1


def test_file_names_are_told_and_never_run(deliveries: Deliveries) -> None:
    """Each file is refused, its name goes into ledger, alert and terminal; JSON on stdout stays one document."""
    deliveries.add_source("club")
    names = [text.replace("/", "_") for text in HOSTILE if "/etc" not in text]
    for number, name in enumerate(names):
        deliveries.put(f"club/{name}", f"wrong header {number}\n")
    done = touchline(deliveries.settings, "run", "--json")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    told = {load["file_name"]: load["state"] for load in json.loads(done.stdout)["loads"]}
    assert told == {f"club/{name}": "refused" for name in names}
    stored = deliveries.rows("select file_name from ops.loads")
    assert sorted(stored) == sorted((name,) for name in told)
    for arguments in (("run",), ("status",), ("quarantine", "list")):
        assert "Traceback" not in touchline(deliveries.settings, *arguments).stderr


def test_bad_values_are_never_repeated_in_messages(deliveries: Deliveries) -> None:
    """A personal value in a wrong column is in quarantine only."""
    deliveries.add_source("club")
    canary = "zz-canary-7c1@example.com"
    outcome = deliveries.deliver("club/a.csv", f"contact_id,created_at\nm1,{canary}\n")
    assert outcome.quarantined == 1
    done = touchline(deliveries.settings, "run", "--json")
    listed = touchline(deliveries.settings, "quarantine", "list", "--json")
    checked = touchline(
        deliveries.settings, "check-export", "club", str(deliveries.settings.landing_dir / "club" / "a.csv")
    )
    assert (done.returncode, listed.returncode, checked.returncode) == (1, 0, 1)
    assert canary not in done.stdout + done.stderr + listed.stdout + checked.stdout + checked.stderr
    assert canary not in str(deliveries.rows("select l::text from ops.loads as l"))
    assert canary not in str(deliveries.rows("select r::text from ops.load_reasons as r"))
