"""What is told when dbt itself cannot begin."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from touchline import dbt
from touchline.errors import TouchlineError
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_a_project_that_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "dbt_project", tmp_path / "dbt_project")
    (tmp_path / "dbt_project" / "models" / "half_written.sql").write_text("select {{ ref('fct_cases' }}")
    nowhere = SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/none")  # dbt reads its project before it connects
    settings = Settings(home=tmp_path / "home", project_dir=tmp_path, database_url=nowhere)
    with pytest.raises(TouchlineError) as raised:
        dbt.invoke(settings, tmp_path / "home" / "dbt" / "build_1", "stage", ["--select", "tag:stage"], {})
    told = str(raised.value)
    assert "dbt did not run" in told
    assert "half_written.sql" in told
    assert (tmp_path / "home" / "dbt" / "build_1" / "stage" / "dbt.log").exists()
