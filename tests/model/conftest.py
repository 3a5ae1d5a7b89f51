"""Two small warehouses a test: one that is kept up to date, one that is made in full."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from support.journey import Beginning, Journey
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
def copy_database(embedded_server: EmbeddedServer) -> Iterator[Callable[[str, str], SecretStr]]:
    """A function that makes the database of a name anew, as a copy of another one, and returns its URL."""
    owner = create_engine(embedded_server.url("postgres"), isolation_level="AUTOCOMMIT")

    def copy(origin: str, name: str) -> SecretStr:
        with owner.connect() as connection:
            connection.execute(text(f"drop database if exists {name} with (force)"))
            connection.execute(
                text(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{origin}'")
            )
            connection.execute(text(f"create database {name} template {origin}"))
            # rights on a database are not copied with it
            connection.execute(text(f"grant create on database {name} to touchline_publisher"))
        return SecretStr(embedded_server.url(name))

    yield copy
    owner.dispose()


@pytest.fixture(scope="module")
def empty_warehouse(
    copy_database: Callable[[str, str], SecretStr], template_folder: Path
) -> Iterator[Callable[[str], TinyWarehouse]]:
    """A function that empties and gives the warehouse of a name. Nothing of it lasts into other modules' builds."""
    # Of so few people any change touches more than a tenth: solved in full, they would never show what a part misses.
    with (
        patch.object(store, "MAX_TOUCHED_SHARE", 1_000_000),
        tiny_warehouses(partial(copy_database, MIGRATED), template_folder, ROOT) as empty,
    ):
        yield empty


@pytest.fixture(scope="module")
def keep(
    copy_database: Callable[[str, str], SecretStr], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Journey], Beginning]:
    """A function that keeps a journey as it stands; what it returns gives a copy to go on from, whenever it is asked.

    The copy's warehouse has the name and the state folder of the one that was kept.
    """

    def keep(begun: Journey) -> Beginning:
        home, folder = begun.house.settings.home, tmp_path_factory.mktemp("kept") / "home"
        shutil.copytree(home, folder)
        copy_database(home.name, "tiny_begun")

        def go_on() -> Journey:
            shutil.rmtree(home)
            shutil.copytree(folder, home)
            copy_database("tiny_begun", home.name)
            return begun.copy()

        return go_on

    return keep
