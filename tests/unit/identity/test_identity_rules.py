"""Thresholds from dbt's vars, stated defaults from the seed, and the alert of a component that is too large."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from support.receivers import Webhook
from touchline.alerting import notices
from touchline.contracts import PersonalKind
from touchline.errors import TouchlineError
from touchline.identity import ComponentTooLargeError, IdentityRules, load_rules
from touchline.landing.tokens import Tokeniser
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
KEY = b"k" * 32
HEADER = "brand,kind,value,note\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    shutil.copy(ROOT / "dbt_project" / "dbt_project.yml", tmp_path)
    (tmp_path / "seeds" / "shared_identifiers.csv").write_text(HEADER)
    return tmp_path


def state(project: Path, rows: str) -> None:
    (project / "seeds" / "shared_identifiers.csv").write_text(HEADER + rows)


def test_the_shipped_vars_are_the_defaults_of_the_rules(project: Path) -> None:
    assert load_rules(project, KEY) == IdentityRules()


def test_stated_values_become_the_tokens_that_landing_makes(project: Path) -> None:
    state(project, "*,email, Test@Example.COM ,\nacme,phone,+1 (212) 555-0100,till\nacme,loyalty,00000,till\n")
    landing = Tokeniser(KEY, "US")
    assert load_rules(project, KEY).stated_defaults == {
        ("*", f"email/{landing.token(PersonalKind.EMAIL, 'test@example.com')[0]}"),
        ("acme", f"phone/{landing.token(PersonalKind.PHONE, '212-555-0100')[0]}"),
        ("acme", "loyalty/00000"),
    }


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("*,email,not-an-address,", "not an e-mail address"),
        ("*,phone,0123 456,", "not a phone number"),
        ("*,fax,+12125550100,", "the kind is not"),
        (",email,a@example.com,", "brand or value is empty"),
        ("*,loyalty,,", "brand or value is empty"),
        ("*,email", "brand or value is empty"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_without_its_value(project: Path, row: str, what: str) -> None:
    state(project, f"*,loyalty,0,\n{row}\n")
    with pytest.raises(TouchlineError, match=what) as caught:
        load_rules(project, KEY)
    assert str(caught.value.where).endswith("shared_identifiers.csv, line 3")
    assert "not-an-address" not in str(caught.value)


def test_another_header_is_refused(project: Path) -> None:
    (project / "seeds" / "shared_identifiers.csv").write_text("kind,value\nemail,a@example.com\n")
    with pytest.raises(TouchlineError, match="the header is not brand,kind,value,note"):
        load_rules(project, KEY)


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        ("max_people_per_identifier: 8 ", "max_people_per_identifier: 0 "),
        ("max_accounts_per_customer: 200 ", "max_accounts_per_customer: many "),
        ("phone_joins_accounts: false ", "phone_joins_accounts: 1 "),
    ],
)
def test_a_threshold_that_is_none_is_an_error(project: Path, line: str, bad: str) -> None:
    path = project / "dbt_project.yml"
    assert line in path.read_text()
    path.write_text(path.read_text().replace(line, bad))
    with pytest.raises(TouchlineError, match=bad.split(":")[0]):
        load_rules(project, KEY)


def test_a_component_too_large_alerts_with_its_own_runbook_entry(
    settings: Settings, webhook: tuple[type[Webhook], str]
) -> None:
    told = settings.model_copy(update={"alert_urls": [SecretStr(webhook[1])]})
    error = ComponentTooLargeError(
        "joins 300 accounts", where="brand a; made of 300 customer", todo="look in the exports"
    )
    notices.build_failed(told, 7, error)
    (posted,) = webhook[0].received
    for word in ("joins 300 accounts", "made of 300 customer", "look in the exports", "runbook.md#component-too-large"):
        assert word in str(posted)
    assert f"## {ComponentTooLargeError.runbook}\n" in (ROOT / "docs" / "runbook.md").read_text()
