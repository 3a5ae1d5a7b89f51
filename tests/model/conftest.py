"""Two small warehouses a test: one that is kept up to date, one that is made in full."""

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from support.tiny_warehouse import TinyWarehouse, tiny_warehouses
from touchline import vault, warehouse
from touchline.identity import store
from touchline.server import EmbeddedServer
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MIGRATED = "tiny_migrated"


@pytest.fixture(scope="session")
def template_folder(embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State folder of a migrated database, whose copies the warehouses are."""
    folder = tmp_path_factory.mktemp("tiny")
    embedded_server.create_database(MIGRATED)
    template = Settings(home=folder, project_dir=ROOT, database_url=SecretStr(embedded_server.url(MIGRATED)))
    warehouse.migrate(template)
    vault.load_keys(template.secrets_dir)
    return folder


@pytest.fixture(scope="module")
def empty_warehouse(embedded_server: EmbeddedServer, template_folder: Path) -> Iterator[Callable[[str], TinyWarehouse]]:
    """A function that empties and gives the warehouse of a name. Nothing of it lasts into other modules' builds."""
    owner = create_engine(embedded_server.url("postgres"), isolation_level="AUTOCOMMIT")

    def make_database(name: str) -> SecretStr:
        with owner.connect() as connection:
            connection.execute(text(f"drop database if exists {name} with (force)"))
            connection.execute(
                text(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{MIGRATED}'")
            )
            connection.execute(text(f"create database {name} template {MIGRATED}"))
            # rights on a database are not copied with it
            connection.execute(text(f"grant create on database {name} to touchline_publisher"))
        return SecretStr(embedded_server.url(name))

    # Of so few people any change touches more than a tenth: solved in full, they would never show what a part misses.
    with (
        patch.object(store, "MAX_TOUCHED_SHARE", 1_000_000),
        tiny_warehouses(make_database, template_folder, ROOT) as empty,
    ):
        yield empty
    owner.dispose()
