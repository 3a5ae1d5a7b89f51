"""Exports that name their columns as the contracts do need no edit."""

from datetime import date
from pathlib import Path

import pytest

from touchline import synthetic
from touchline.landing.trial import check_export
from touchline.scaffold import new_source
from touchline.settings import Settings
from touchline.synthetic.generate import GeneratedExports

FILES = ("locations", "transactions", "transaction_lines", "contacts", "cases", "case_events", "survey_responses")
MORE = ("recoveries", "contact_merges", "segment_memberships")
KINDS = {"store_pos": "pos", "service_crm": "crm", "voice_center": "call_center"}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> GeneratedExports:
    folder = tmp_path_factory.mktemp("exports")
    return synthetic.generate(folder, customers=150, days=40, end=date(2026, 6, 30), dirt=0)


@pytest.mark.parametrize(
    "wanted",
    [
        *(f"service_crm/{f}" for f in (*FILES[3:], *MORE)),
        *(f"store_pos/{f}" for f in FILES[:3]),
        "voice_center/contacts",
    ],
)
def test_records_fit_without_edits(wanted: str, exports: GeneratedExports, settings: Settings) -> None:
    source, entity = wanted.split("/")
    found = [
        f.path
        for f in exports.files
        if f.path.parent.name == source and f.path.name.startswith((f"{entity}.", f"{entity}_2"))
    ]
    written = new_source(settings, "proposed", found[0])
    assert (written.kind, written.entity, written.missing) == (KINDS[source], entity, ())
    checked = check_export(settings, "proposed", found[0], None)
    assert checked.records > 0
    assert checked.loaded >= 0.99 * checked.records
    # Phones without country code cannot be read before somebody states their region, and that is said.
    nulled = {column for outcome, column, _, _ in checked.reasons if outcome == "nulled"}
    assert nulled <= {"phone"}
    assert ("phone_region" in {what for what, _ in written.doubts}) == bool(nulled)


def test_broken_records_do_not_change_the_proposal(tmp_path: Path, settings: Settings) -> None:
    made = synthetic.generate(tmp_path / "dirty", customers=400, days=40, dirt=0.005)
    contacts = next(file.path for file in made.files if file.path.name == "contacts.csv")
    written = new_source(settings, "proposed", contacts)
    checked = check_export(settings, "proposed", contacts, None)
    # Half a percent of the records is broken, of 400: two.
    assert 0 < checked.quarantined <= 0.01 * checked.records
    assert any("sample records would be set aside" in why for _, why in written.doubts)
