"""Migrated warehouses with empty identity input."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from support.identity_warehouse import INPUT, Warehouse
from touchline import warehouse
from touchline.settings import Settings
from touchline.warehouse import Role

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def make_identities(make_database, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Warehouse]:
    def make() -> Warehouse:
        home = tmp_path_factory.mktemp("identity")
        settings = Settings(home=home, project_dir=ROOT, database_url=SecretStr(make_database()))
        warehouse.migrate(settings)
        made = Warehouse(warehouse.engine(settings), warehouse.engine(settings, Role.BUILDER))
        made.run(INPUT)
        return made

    return make


@pytest.fixture
def identities(make_identities: Callable[[], Warehouse]) -> Warehouse:
    return make_identities()
