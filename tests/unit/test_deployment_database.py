"""The script that makes both databases in the Postgres container, run on a server with the container's options."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy.engine import URL

from touchline import health, pg_binaries, publish, warehouse
from touchline.settings import Settings
from touchline.warehouse import Role

ROOT = Path(__file__).parents[2]
SERVICE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["postgres"]
PASSWORDS = {"TOUCHLINE_DB_PASSWORD": 'o\'ne "two"', "AIRFLOW_DB_PASSWORD": "three"}
PASSWORDS["TOUCHLINE_WATCHER_PASSWORD"] = "four"


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """Socket folder of a fresh server with the container's initdb arguments and settings, after the script has run."""
    binaries = pg_binaries.find_binaries(None)
    psql = binaries / "psql"
    if not psql.exists():
        pytest.skip(f"this Postgres brings no psql: {binaries}")
    with tempfile.TemporaryDirectory(prefix="touchline-test-", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o755)
        data = home / "data"
        data.mkdir()
        account = pg_binaries.choose_account(home, binaries)
        account.own(data)
        initdb = [str(binaries / "initdb"), f"--pgdata={data}", "--username=postgres", "--auth-local=scram-sha-256"]
        pwfile = home / "password"
        pwfile.write_text("super", encoding="utf-8")
        pwfile.chmod(0o644)
        arguments = SERVICE["environment"]["POSTGRES_INITDB_ARGS"].split()
        account.run([*initdb, f"--pwfile={pwfile}", *arguments], check=True, capture_output=True)
        options = " ".join([f"--unix_socket_directories={data} --listen_addresses=''", *SERVICE["command"][1:]])
        pg_ctl = [str(binaries / "pg_ctl"), f"--pgdata={data}", "--wait", f"--log={data}/log"]
        account.run([*pg_ctl, "start", f"--options={options}"], check=True, stdout=subprocess.DEVNULL)
        try:
            environment = os.environ | PASSWORDS | {"PGPASSWORD": "super", "PGHOST": str(data)}
            script = ["--file", str(ROOT / "docker" / "postgres-init.sql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc"]
            login = ["--no-password", "--username=postgres", "--dbname=postgres"]
            subprocess.run([psql, *script, *login], check=True, env=environment, capture_output=True)
            yield str(data)
        finally:
            account.run([*pg_ctl, "stop", "--mode=immediate"], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def settings(host: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of the role and password that the container gives Touchline."""
    password = PASSWORDS["TOUCHLINE_DB_PASSWORD"]
    url = URL.create("postgresql", "touchline", password, database="touchline", query={"host": host})
    made = Settings(
        home=tmp_path_factory.mktemp("home"),
        project_dir=ROOT,
        database_url=SecretStr(url.render_as_string(hide_password=False)),
    )
    warehouse.migrate(made)
    return made


def test_an_owner_that_is_no_superuser_may_take_every_role(settings: Settings) -> None:
    for role in (Role.LOADER, Role.BUILDER, Role.PUBLISHER):
        with warehouse.engine(settings, role).connect() as connection:
            assert connection.exec_driver_sql("select current_user").scalar() == role.value
    with warehouse.engine(settings).connect() as connection:
        rights = connection.exec_driver_sql("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert tuple(rights.one()) == (False, False)


def test_the_web_interface_looks_at_the_ledger_with_a_log_in_of_its_own(settings: Settings, host: str) -> None:
    url = URL.create("postgresql", "touchline_watcher", "four", database="touchline", query={"host": host})
    given = SecretStr(url.render_as_string(hide_password=False))
    engine = warehouse.engine(settings.model_copy(update={"watcher_url": given, "database_url": None}), Role.WATCHER)
    assert health.looked_at(settings, engine)["live"] is None
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select session_user").scalar() == "touchline_watcher"


def test_that_owner_prepares_a_slot_for_the_builder(settings: Settings) -> None:
    publish.prepare_slot(warehouse.engine(settings), 1)
    with warehouse.engine(settings, Role.BUILDER).begin() as connection:
        connection.exec_driver_sql("create table marts_next.probe as select 1 as n")


def test_readers_stay_out_of_the_metadata_and_airflow_out_of_the_warehouse(settings: Settings, host: str) -> None:
    reader = warehouse.database_url(settings, Role.READER)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(host=host, user=reader.username, password=reader.password, dbname="airflow")
    with (
        psycopg.connect(host=host, user="airflow", password="three", dbname="touchline") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from ops.loads")


def test_text_sorts_by_bytes_as_on_the_embedded_server(host: str) -> None:
    with psycopg.connect(host=host, user="airflow", password="three", dbname="airflow") as connection:
        rows = connection.execute("select t from (values ('a'), ('B'), ('é'), ('z')) as v (t) order by t").fetchall()
    # Code points: B 66, a 97, z 122, é 233.
    assert [row[0] for row in rows] == ["B", "a", "z", "é"]
