"""Empty marts with the columns that the models declare."""

from pathlib import Path

import sqlalchemy as sa
import yaml

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"


def create_marts(engine: sa.Engine, schema: str = "marts_next") -> set[str]:
    """Make the tables in a schema, which may be there; their names."""
    names: set[str] = set()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create schema if not exists {schema}")
        for path in MODELS.glob("*/*.yml"):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
                connection.exec_driver_sql(f'create table {schema}."{model["name"]}" ({columns})')
                names.add(model["name"])
    return names
