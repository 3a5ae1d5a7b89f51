"""One dbt invocation over an empty warehouse: every model is built, every data test and unit test is run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from touchline import builds, dbt, publish, warehouse
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_REQUIRED = text("""
    select table_schema, table_name, column_name from information_schema.columns where is_nullable = 'NO'
""")


@pytest.fixture(scope="session")
def dbt_artifacts(make_database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """`manifest` and `results` of `dbt build` with unit tests on a warehouse without a single row.

    `required`: (schema, table, column) where the database refuses a null.
    """
    folder = tmp_path_factory.mktemp("dbt")
    settings = Settings(home=folder, project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(settings)
    owner = warehouse.engine(settings)
    build = builds.freeze(owner, [], "test")
    publish.prepare_slot(owner, build.build_id)
    command = [str(Path(sys.executable).with_name("dbt")), "--no-version-check", "build", "--full-refresh"]
    paths = ["--project-dir", settings.dbt_project_dir, "--profiles-dir", settings.dbt_project_dir]
    output = ["--target-path", folder / "target", "--log-path", folder / "logs"]
    variables = ["--vars", json.dumps({"build_id": build.build_id})]
    done = subprocess.run(
        [*command, *map(str, paths), *map(str, output), *variables],
        env=dbt.environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    results = folder / "target" / "run_results.json"
    assert results.exists(), done.stdout + done.stderr
    with owner.connect() as connection:
        required = {tuple(row) for row in connection.execute(_REQUIRED)}
    return {
        "required": required,
        "manifest": json.loads((folder / "target" / "manifest.json").read_text()),
        "results": json.loads(results.read_text())["results"],
    }
