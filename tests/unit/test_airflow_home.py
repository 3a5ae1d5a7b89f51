"""What Airflow's processes are given: the environment is made without Airflow and without a server."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from pydantic import SecretStr

from touchline.orchestration.airflow_home import AirflowHome
from touchline.settings import Settings

NOWHERE = SecretStr("postgresql+psycopg://nobody@/nowhere?host=/nonexistent&port=1")
RECEIVER = "http://127.0.0.1:5000"


def environment(home: Path, **changes: object) -> dict[str, str]:
    made = Settings(home=home, database_url=NOWHERE).model_copy(update=changes)
    made.secrets_dir.mkdir(parents=True)
    return AirflowHome(made).environment()


def test_lineage_goes_nowhere_unless_an_address_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)
    assert not [name for name in environment(tmp_path) if "OPENLINEAGE" in name]


def test_lineage_goes_to_the_address_and_holds_no_code(tmp_path: Path) -> None:
    found = environment(tmp_path, openlineage_url=SecretStr(RECEIVER))
    assert found["OPENLINEAGE_URL"] == RECEIVER
    assert found["OPENLINEAGE_AIRFLOW_DISABLE_SOURCE_CODE"] == "True"


@pytest.mark.parametrize(("url", "is_disabled"), [(SecretStr(RECEIVER), "False"), (None, "True")])
def test_the_provider_reads_what_it_is_given(tmp_path: Path, url: SecretStr | None, is_disabled: str) -> None:
    try:
        version("apache-airflow-providers-openlineage")
    except PackageNotFoundError:
        pytest.skip("the extra openlineage is not installed")
    code = "from airflow.providers.openlineage import conf; print(conf.is_disabled(), conf.is_source_enabled())"
    given = environment(tmp_path, openlineage_url=url)
    done = subprocess.run([sys.executable, "-c", code], env=given, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [is_disabled, is_disabled]


def test_who_may_approve_may_log_in_and_has_no_other_right(tmp_path: Path) -> None:
    found = environment(tmp_path, approvers=["anna", "admin"])
    assert found["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "admin:admin,anna:user"
    assert json.loads(found["TOUCHLINE_APPROVERS"]) == ["anna", "admin"]
