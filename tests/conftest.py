"""Shared fixtures: one real embedded Postgres for the whole run, one database per test that asks for it.

The databases of tests are copies of a migrated one, and the server does not wait for the disk: a test costs no more
than what it does.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from support.browsers import browser  # noqa: F401 - a fixture
from support.dbt_in_process import dbt_in_process
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
    # Each database made or dropped would flush all others; nothing here has to outlive the machine.
    for change in (
        "alter system set fsync = off",
        "alter system set full_page_writes = off",
        "select pg_reload_conf()",
    ):
        _as_superuser(server, change)
    yield server
    server.stop("immediate")


def _as_superuser(server: EmbeddedServer, statement: str) -> None:
    engine = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def make_database(embedded_server: EmbeddedServer) -> Callable[[], str]:
    """A function that makes an empty database, for as long as the server lives, and returns its SQLAlchemy URL."""

    def make() -> str:
        name = f"test_{next(_numbers)}"
        embedded_server.create_database(name)
        return embedded_server.url(name)

    return make


@pytest.fixture
def postgres_url(embedded_server: EmbeddedServer, make_database: Callable[[], str]) -> Iterator[str]:
    """SQLAlchemy URL of an empty database, dropped after the test."""
    url = make_database()
    yield url
    _as_superuser(embedded_server, f"drop database {make_url(url).database} with (force)")


@pytest.fixture(scope="session")
def migrated_database(embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with the schema of this release, to copy; nobody is connected to it."""
    embedded_server.create_database("migrated")
    url = SecretStr(embedded_server.url("migrated"))
    made = Settings(home=tmp_path_factory.mktemp("migrated"), project_dir=ROOT, database_url=url)
    warehouse.migrate(made)
    _as_superuser(embedded_server, "alter database migrated with allow_connections false")
    _as_superuser(embedded_server, "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'migrated'")
    return "migrated"


@pytest.fixture(scope="session")
def copy_migrated(embedded_server: EmbeddedServer, migrated_database: str) -> Callable[[], str]:
    """A function that copies the migrated database, for as long as the server lives, and returns the copy's name."""

    def copy() -> str:
        name = f"test_{next(_numbers)}"
        _as_superuser(embedded_server, f"create database {name} template {migrated_database} strategy file_copy")
        # Rights on a database do not come with a copy of it.
        _as_superuser(embedded_server, f"grant create on database {name} to touchline_publisher")
        return name

    return copy


@pytest.fixture
def settings(embedded_server: EmbeddedServer, copy_migrated: Callable[[], str], tmp_path: Path) -> Iterator[Settings]:
    """Settings of a migrated warehouse of its own, with an empty landing folder."""
    name = copy_migrated()
    url = SecretStr(embedded_server.url(name))
    made = Settings(home=tmp_path / "home", project_dir=ROOT, database_url=url)
    made.landing_dir.mkdir(parents=True)
    # Gives the reader's log-in, which all databases share, the password of this state folder.
    warehouse.migrate(made)
    yield made
    _as_superuser(embedded_server, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def dbt_here() -> Iterator[None]:
    """The module's builds run dbt, data tests included, in this process, over a project parsed once for all modules."""
    with dbt_in_process(has_tests=True):
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real third-party data sets, which are not part of the project."""
    folder = Path(os.environ.get("TOUCHLINE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data sets are not here: {folder} (set TOUCHLINE_REAL_DATA)")
    return folder
