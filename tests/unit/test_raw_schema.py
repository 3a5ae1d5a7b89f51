"""Schema `raw` follows the contracts through an upgrade, and keeps the rows of the release before."""

import shutil
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine, text

from touchline import warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def evolving(settings: Settings, tmp_path: Path) -> Settings:
    """Settings whose contracts are a copy of their own; the warehouse stands at the release before."""
    for name in ("dags", "dbt_project", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / "project" / name)
    with warehouse.engine(settings).begin() as connection:
        connection.execute(
            text(
                "insert into raw.pos_locations (location_id, name, timezone, is_deleted, _source, _load_id,"
                " _record_number, _version_at, _payload_hash)"
                " values ('L1', 'Main', 'UTC', false, 's', 1, 1, now(), gen_random_uuid())"
            )
        )
    return settings.model_copy(update={"project_dir": tmp_path / "project"})


def edit(settings: Settings, column: str, **values: object) -> None:
    path = settings.contracts_dir / "pos" / "locations.odcs.yaml"
    document = yaml.safe_load(path.read_text())
    properties = document["schema"][0]["properties"]
    known = next((item for item in properties if item["name"] == column), None)
    if known:
        known.update(values)
    else:
        properties.append(
            {"name": column, "logicalType": "string", "physicalType": "text", "required": False, **values}
        )
    path.write_text(yaml.safe_dump(document))


def row(engine: Engine, columns: str) -> tuple[object, ...]:
    with engine.connect() as connection:
        return tuple(connection.execute(text(f"select {columns} from raw.pos_locations")).one())


def test_a_new_column_is_added_and_old_rows_know_nothing_of_it(evolving: Settings) -> None:
    edit(evolving, "floor_area", physicalType="numeric(14,2)", logicalType="number")
    assert warehouse.migrate(evolving) == ["raw.pos_locations + floor_area"]
    assert row(warehouse.engine(evolving), "location_id, floor_area") == ("L1", None)
    assert warehouse.migrate(evolving) == []


def test_a_new_personal_column_is_a_token(evolving: Settings) -> None:
    edit(evolving, "keeper", customProperties=[{"property": "personalDataKind", "value": "text"}])
    assert warehouse.migrate(evolving) == ["raw.pos_locations + keeper_token"]
    assert row(warehouse.engine(evolving), "pg_typeof(keeper_token)::text") == ("uuid",)


def test_a_changed_type_is_refused_by_name(evolving: Settings) -> None:
    edit(evolving, "format", physicalType="integer", logicalType="integer")
    with pytest.raises(TouchlineError, match="Column format holds text; the contract now says integer"):
        warehouse.migrate(evolving)


def test_what_was_done_is_on_record(evolving: Settings) -> None:
    edit(evolving, "floor_area", physicalType="numeric(14,2)", logicalType="number")
    warehouse.migrate(evolving)
    with warehouse.engine(evolving).connect() as connection:
        names = connection.scalars(text("select name from ops.migrations")).all()
    assert {"0001_foundation.sql", "0002_overrides.sql", "raw.pos_locations + floor_area"} <= set(names)


def test_an_index_that_a_table_lacks_is_added(evolving: Settings) -> None:
    engine = warehouse.engine(evolving)
    with engine.begin() as connection:
        connection.execute(text("drop index raw.pos_transactions_event, raw.pos_locations_deleted"))
    assert sorted(warehouse.migrate(evolving)) == [
        "raw.pos_locations + pos_locations_deleted",
        "raw.pos_transactions + pos_transactions_event",
    ]
    assert warehouse.migrate(evolving) == []
