"""The warehouse database: who connects how, and the schema's versions."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import resources

import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from touchline import raw_schema, weak_view
from touchline.contracts import load_contracts
from touchline.errors import TouchlineError
from touchline.locks import Lock
from touchline.secret_files import keep_secret
from touchline.server import EmbeddedServer
from touchline.settings import Settings

DATABASE = "touchline"
AWAY = "warehouse-away"
"""The runbook's section of errors that end with the warehouse."""
PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""libpq's settings of how long a silent network is believed: about a minute. Those of a given URL win."""
SERVER_PATIENCE = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""The same for the server's end, or the locks of a client that vanished would stay for hours."""


class Role(StrEnum):
    """The role a step works under; rights beyond its own fail loudly."""

    LOADER = "touchline_loader"
    BUILDER = "touchline_builder"
    PUBLISHER = "touchline_publisher"
    READER = "bi_reader"
    WATCHER = "touchline_watcher"
    MATCHER = "touchline_matcher"


def database_url(settings: Settings, role: Role | None = None) -> URL:
    """URL for a role; `bi_reader` logs in as itself, so that no statement can climb out of it."""
    given = settings.watcher_url if role is Role.WATCHER and settings.watcher_url else settings.database_url
    if given:
        url = make_url(given.get_secret_value()).set(drivername="postgresql+psycopg")
    else:
        url = make_url(EmbeddedServer(settings.home).url(DATABASE))
    url = url.update_query_dict({name: value for name, value in PATIENCE.items() if name not in url.query})
    options = [SERVER_PATIENCE, *url.normalized_query.get("options", ())]
    if role is Role.READER:
        url = url.set(username=role.value, password=_reader_password(settings))
    elif role is not None:
        options.append(f"-c role={role.value}")
    return url.update_query_dict({"options": " ".join(options)})


def libpq_url(url: URL) -> str:
    """The URL for those who speak to libpq themselves. It takes a plus sign for one, and not for a space."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False).replace("+", "%20")


def engine(settings: Settings, role: Role | None = None) -> Engine:
    """An engine whose sessions work in UTC under `role` (None: the owner)."""
    # Errors must not carry row values into logs.
    return create_engine(
        database_url(settings, role), connect_args={"application_name": "touchline"}, hide_parameters=True
    )


def lost(error: Exception, where: str) -> TouchlineError:
    """What to tell when the warehouse goes away or refuses in the midst of a step. `error` is the driver's."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.errors.DiskFull):
        what, todo = "The warehouse has no space left", "free space on its disk"
    else:
        what, todo = "The connection to the warehouse was lost", "check the server and the network"
    # Later lines of a message may quote data.
    reason = str(cause).strip().partition("\n")[0]
    again = "then run again: what was under way has left nothing behind"
    told = TouchlineError(f"{what}: {reason}", where=where, todo=f"{todo}, {again}")
    told.runbook = AWAY
    return told


def ensure_server(settings: Settings) -> None:
    """Start the embedded server when no database URL is set; otherwise check that the database answers."""
    if not settings.database_url:
        server = EmbeddedServer(settings.home)
        server.start()
        server.create_database(DATABASE)
        return
    try:
        with engine(settings).connect() as connection:
            connection.execute(text("select 1"))
    except OperationalError as error:
        where = database_url(settings).render_as_string(hide_password=True)
        away = TouchlineError(
            f"The warehouse does not answer: {error.orig}", where=where, todo="check TOUCHLINE_DATABASE_URL"
        )
        away.runbook = AWAY
        raise away from None


def migrate(settings: Settings) -> list[str]:
    """Bring the schema to this release's version; returns the names of the migrations applied now."""
    contracts = load_contracts(settings.contracts_dir)
    with engine(settings).begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": Lock.MIGRATE})
        applied = _apply_migrations(connection)
        for name, script in raw_schema.missing_ddl(connection, contracts.values()):
            _run_script(connection, script)
            applied.append(_record(connection, name))
        if view := weak_view.make_view(connection):
            applied.append(_record(connection, view))
        connection.exec_driver_sql(_reader_login_sql(_reader_password(settings)))
    return applied


@contextmanager
def advisory_lock(target: Engine, lock: int, busy: str, *, is_shared: bool = False) -> Iterator[None]:
    """Hold a session-level lock; if somebody else holds it, say so instead of waiting in silence.

    `is_shared`: others may share it, and nobody holds it alone meanwhile.
    """
    shared = "_shared" if is_shared else ""
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text(f"select pg_try_advisory_lock{shared}(:lock)"), {"lock": lock}):
            raise TouchlineError(busy, todo="wait for it to end, then run again; `touchline status` shows it")
        try:
            yield
        finally:
            connection.execute(text(f"select pg_advisory_unlock{shared}(:lock)"), {"lock": lock})


def _apply_migrations(connection: Connection) -> list[str]:
    connection.exec_driver_sql("create schema if not exists ops")
    connection.exec_driver_sql(
        "create table if not exists ops.migrations"
        " (name text primary key, applied_at timestamptz not null default now())"
    )
    done = set(connection.scalars(text("select name from ops.migrations")))
    folder = resources.files("touchline") / "migrations"
    names = (item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    pending = sorted(name for name in names if name not in done)
    for name in pending:
        _run_script(connection, (folder / name).read_text(encoding="utf-8"))
        _record(connection, name)
    return pending


def _record(connection: Connection, name: str) -> str:
    connection.execute(text("insert into ops.migrations (name) values (:name) on conflict do nothing"), {"name": name})
    return name


def _run_script(connection: Connection, script: str) -> None:
    """Several statements at once, unprepared: a percent sign in them is no placeholder."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the warehouse is reached through psycopg")
    driver.execute(script.encode())


def _reader_password(settings: Settings) -> str:
    return keep_secret(settings.secrets_dir / "bi_reader_password", lambda: secrets.token_urlsafe(32))


def _reader_login_sql(password: str) -> str:
    # A utility statement takes no bound values; the password is our own URL-safe token.
    return f"alter role bi_reader login password '{password}'"
