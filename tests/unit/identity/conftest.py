"""Migrated warehouses with empty identity input."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from support.identity_warehouse import INPUT, Warehouse
from touchline import warehouse
from touchline.server import EmbeddedServer
from touchline.settings import Settings
from touchline.warehouse import Role

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def make_identities(
    embedded_server: EmbeddedServer, copy_migrated: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Warehouse]:
    def make() -> Warehouse:
        url = SecretStr(embedded_server.url(copy_migrated()))
        settings = Settings(home=tmp_path_factory.mktemp("identity"), project_dir=ROOT, database_url=url)
        made = Warehouse(warehouse.engine(settings), warehouse.engine(settings, Role.BUILDER))
        made.run(INPUT)
        return made

    return make


@pytest.fixture
def identities(make_identities: Callable[[], Warehouse]) -> Warehouse:
    return make_identities()
