"""Backups, tried: a dump on another server, and a server brought back to an instant."""

import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import inspect, text

from support.loading import HEADER, contact, deliver, rows
from touchline import backup, custody, pg_binaries, vault, warehouse
from touchline.errors import TouchlineError
from touchline.server import EmbeddedServer
from touchline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
RECOVERY_SECONDS = 120
DOCUMENT = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Settings]:
    """A warehouse on an embedded server of its own, with three contacts and something published."""
    made = empty(tmp_path / "home")
    deliver(made, "a.csv", HEADER + contact(1) + contact(2) + "c9,x,,,no-time\n")
    with warehouse.engine(made).begin() as connection:
        connection.execute(
            text("create table marts.fct_contacts as select contact_id, created_at from raw.crm_contacts")
        )
        connection.execute(text("comment on schema marts is 'build 7'"))
    yield made
    EmbeddedServer(made.home).stop("immediate")


def empty(home: Path) -> Settings:
    """Settings of a new state folder whose server runs; the schema is there unless it is to be restored."""
    made = Settings(home=home, project_dir=ROOT)
    made.landing_dir.mkdir(parents=True)
    made.landing_dir.parent.chmod(0o711)
    warehouse.ensure_server(made)
    if home.name == "home":
        warehouse.migrate(made)
    return made


def contents(settings: Settings) -> dict[str, list[str]]:
    """Every row of every table, and what the slots say they hold."""
    owner = warehouse.engine(settings)
    found = {}
    with owner.connect() as connection:
        for schema in set(inspect(owner).get_schema_names()) - {"information_schema"}:
            for table in inspect(owner).get_table_names(schema=schema):
                texts = connection.scalars(text(f'select t::text from "{schema}"."{table}" as t'))
                found[f"{schema}.{table}"] = sorted(texts)
        slots = connection.scalars(text("select obj_description(oid, 'pg_namespace') from pg_namespace"))
        found["slots"] = sorted(filter(None, slots))
    owner.dispose()
    return found


def opened(settings: Settings) -> set[bytes]:
    keys = custody.held_keys(settings, warehouse.engine(settings))
    sealed = rows(settings, "select ciphertext from vault.values union all select payload from quarantine.records")
    return {keys.decrypt(bytes(value)) for (value,) in sealed}


def test_a_dump_brings_the_warehouse_back_on_another_server(own: Settings, tmp_path: Path) -> None:
    kept_keys, file = tmp_path / "safe.json", tmp_path / "warehouse.dump"
    vault.write_document(vault.load_keys(own.secrets_dir), kept_keys)
    assert backup.dump(own, file) == file.stat().st_size > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(
        key.hex().encode() in file.read_bytes() for key in vault.read_document(kept_keys).token_keys.values()
    )
    before, values = contents(own), opened(own)
    assert before["marts.fct_contacts"]
    warehouse.engine(own).dispose()
    EmbeddedServer(own.home).stop("immediate")
    shutil.rmtree(own.home)

    other = empty(tmp_path / "another")
    try:
        backup.restore(other, file)
        assert contents(other) == before
        with pytest.raises(TouchlineError, match="keys of this warehouse are missing"):
            opened(other)
        vault.restore(vault.read_document(kept_keys), other.secrets_dir)
        assert opened(other) == values
        # Rights and roles are there, too: the loader loads, and the same person has the same token.
        deliver(other, "b.csv", HEADER + contact(1).replace("c1", "c3"))
        same = "select count(*), count(distinct email_token) from raw.crm_contacts where contact_id in ('c1', 'c3')"
        assert rows(other, same) == [(2, 1)]
        with pytest.raises(TouchlineError, match="holds a warehouse"):
            backup.restore(other, file)
    finally:
        EmbeddedServer(other.home).stop("immediate")


def test_a_dump_that_is_cut_restores_nothing(own: Settings, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.dump"
    backup.dump(own, file)
    with pytest.raises(TouchlineError, match="is there already"):
        backup.dump(own, file)
    file.write_bytes(file.read_bytes()[:-2000])
    server = EmbeddedServer(own.home)
    server.create_database("other")
    other = own.model_copy(update={"database_url": SecretStr(server.url("other"))})
    with pytest.raises(TouchlineError, match="pg_restore failed"):
        backup.restore(other, file)
    assert rows(other, "select count(*) from pg_namespace where nspname in ('ops', 'raw', 'vault')") == [(0,)]


def test_the_server_comes_back_as_it_was_at_an_instant(own: Settings, tmp_path: Path) -> None:
    """A base backup and the archived WAL, by the settings that the documentation gives."""
    server = EmbeddedServer(own.home)
    archive, base = tmp_path / "wal", tmp_path / "base"
    account = pg_binaries.choose_account(own.home, pg_binaries.find_binaries(server.data))
    tmp_path.chmod(0o711)
    archive.mkdir()
    account.own(archive)
    archiving = f"test ! -f {archive}/%f && cp %p {archive}/%f"
    assert archiving.replace(str(archive), "/backup/wal") in DOCUMENT
    with connected(server) as connection:
        connection.execute("alter system set archive_mode = on")
        connection.execute(psycopg.sql.SQL("alter system set archive_command = {}").format(archiving))
    server.stop()
    server.start()
    program = pg_binaries.find_binaries(server.data) / "pg_basebackup"
    login = pg_binaries.clean_environment(PGPASSWORD=server.secret.read_text().strip())
    base.mkdir()
    account.own(base)
    taken = account.run(
        [str(program), f"--pgdata={base}", f"--host={server.socket_dir}", "--username=touchline", "--checkpoint=fast"],
        env=login,
        capture_output=True,
    )
    assert taken.returncode == 0, taken.stderr

    deliver(own, "before.csv", HEADER + contact(3))
    time.sleep(0.01)
    with connected(server) as connection:
        [instant] = connection.execute("select clock_timestamp()::text").fetchone() or ()
    time.sleep(0.01)
    deliver(own, "after.csv", HEADER + contact(4))
    with connected(server) as connection:
        connection.execute("select pg_switch_wal()")
    assert rows(own, "select count(*) from raw.crm_contacts") == [(4,)]
    server.stop()
    shutil.rmtree(server.data)

    shutil.copytree(base, server.data)
    (server.data / "recovery.signal").touch()
    settings = {"restore_command": f"cp {archive}/%f %p", "recovery_target_time": instant}
    assert all(f"{name} = " in DOCUMENT for name in (*settings, "recovery_target_action"))
    with (server.data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        file.write("recovery_target_action = 'promote'\narchive_mode = off\n")
    server.data.chmod(0o700)
    account.own(server.data)
    server.start()
    # It answers, read only, before it has got there.
    assert pg_binaries.wait_until(lambda: rows(own, "select pg_is_in_recovery()") == [(False,)], RECOVERY_SECONDS)
    assert rows(own, "select contact_id from raw.crm_contacts order by 1") == [("c1",), ("c2",), ("c3",)]
    assert b"p3@example.com" in opened(own)
    assert b"p4@example.com" not in opened(own)
    # What was lost is delivered again.
    deliver(own, "again.csv", HEADER + contact(4))
    assert rows(own, "select count(*) from raw.crm_contacts") == [(4,)]


def connected(server: EmbeddedServer) -> psycopg.Connection:
    place = f"host={server.socket_dir} port=5432 dbname=postgres user=touchline"
    return psycopg.connect(place, password=server.secret.read_text().strip(), autocommit=True)
