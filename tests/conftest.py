"""Shared fixtures: one real embedded Postgres for the whole run, one database per test that asks for it."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from support.receivers import smtp, webhook  # noqa: F401 - fixtures
from support.stores import s3_server, sftp_server  # noqa: F401 - fixtures
from touchline import warehouse
from touchline.server import EmbeddedServer
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_numbers = count(1)


@pytest.fixture(scope="session")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A real Postgres, stopped at the end of the run."""
    server = EmbeddedServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop("immediate")


@pytest.fixture(scope="session")
def make_database(embedded_server: EmbeddedServer) -> Iterator[object]:
    """A function that makes an empty database and returns its SQLAlchemy URL."""
    made: list[str] = []

    def make() -> str:
        name = f"test_{next(_numbers)}"
        embedded_server.create_database(name)
        made.append(name)
        return embedded_server.url(name)

    yield make
    owner = create_engine(embedded_server.url("postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for name in made:
            connection.execute(text(f"drop database {name} with (force)"))
    owner.dispose()


@pytest.fixture
def postgres_url(make_database) -> str:
    """SQLAlchemy URL of an empty database."""
    return make_database()


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Settings:
    """Settings of a migrated warehouse of its own, with an empty landing folder."""
    made = Settings(home=tmp_path / "home", project_dir=ROOT, database_url=SecretStr(postgres_url))
    made.landing_dir.mkdir(parents=True)
    warehouse.migrate(made)
    return made


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real third-party data sets, which are not part of the project."""
    folder = Path(os.environ.get("TOUCHLINE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data sets are not here: {folder} (set TOUCHLINE_REAL_DATA)")
    return folder
