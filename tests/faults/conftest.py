"""Fixtures of the fault tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from support.deliveries import Deliveries
from touchline import warehouse
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def deliveries(settings: Settings, tmp_path: Path) -> Deliveries:
    """An empty warehouse and landing folder, no sources yet."""
    return Deliveries.of(settings, tmp_path)


@pytest.fixture(scope="module")
def shared(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    """A warehouse for all tests of a module that keep to sources or files of their own."""
    folder = tmp_path_factory.mktemp("shared")
    settings = Settings(home=folder / "home", project_dir=ROOT, database_url=SecretStr(make_database()))
    warehouse.migrate(settings)
    return Deliveries.of(settings, folder)
