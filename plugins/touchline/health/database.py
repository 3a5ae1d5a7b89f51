"""Checks of the warehouse's database: whether it is ours, of this release, with these keys, and open to nobody else."""

from importlib import resources

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from touchline import custody, warehouse
from touchline.custody import TokenState
from touchline.errors import TouchlineError
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.settings import Settings
from touchline.warehouse import Role

OLDEST_POSTGRES = 150000
OPEN_TO_READERS = ("marts", "public")

_FOREIGN_VIEWS = text("""
    select distinct dependents.oid::regclass::text as name
    from pg_depend
    inner join pg_rewrite on pg_rewrite.oid = pg_depend.objid and pg_depend.classid = 'pg_rewrite'::regclass
    inner join pg_class as dependents on dependents.oid = ev_class
    inner join pg_class as read on read.oid = pg_depend.refobjid and read.oid <> dependents.oid
    where read.relnamespace = any(array(
            select oid from pg_namespace where nspname in ('marts', 'marts_previous', 'marts_idle')
        )) and dependents.relnamespace <> read.relnamespace
    order by 1
""")
_OPEN_SCHEMAS = text("""
    select nspname from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', :marts, :public)
        and has_schema_privilege('bi_reader', oid, 'usage')
    order by nspname
""")


def answers(settings: Settings) -> str:
    """Whether the database answers, and is one that the warehouse can live in."""
    if settings.database_url is None:
        warehouse.ensure_server(settings)
    url = warehouse.database_url(settings)
    try:
        # By the driver alone: SQLAlchemy cannot even connect to a database of another encoding.
        with psycopg.connect(warehouse.libpq_url(url)) as connection:
            version, encoding = connection.info.server_version, connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        what = f"The warehouse does not answer: {str(error).strip().splitlines()[-1]}"
        where = url.render_as_string(hide_password=True)
        raise TouchlineError(what, where=where, todo="check TOUCHLINE_DATABASE_URL") from None
    if version < OLDEST_POSTGRES:
        raise TouchlineError(f"Postgres {version // 10000} is too old", todo="use Postgres 15 or newer")
    if encoding != "UTF8":
        todo = "create the database anew: `create database … encoding 'UTF8' template template0`"
        raise TouchlineError(f"The database's encoding is {encoding}, not UTF8", todo=todo)
    return f"Postgres {version // 10000}.{version % 10000} answers"


def _schema(settings: Settings) -> str:
    with warehouse.engine(settings).connect() as connection:
        if not _is_made(connection):
            return "made by the first run"
        done = set(connection.scalars(text("select name from ops.migrations where name like '____\\_%.sql'")))
    ours = {item.name for item in (resources.files("touchline") / "migrations").iterdir() if item.name.endswith(".sql")}
    if newer := sorted(done - ours):
        todo = "use that release: this one does not know what it changed"
        raise TouchlineError(f"A newer release has been here: {', '.join(newer)}", where="ops.migrations", todo=todo)
    if older := sorted(ours - done):
        todo = "run `touchline upgrade`"
        raise TouchlineError(f"The schema lacks {', '.join(older)}", where="ops.migrations", todo=todo)
    return f"{len(done)} migrations, this release's"


def _roles(settings: Settings) -> str:
    """Steps act under roles, and readers log in as theirs."""
    with warehouse.engine(settings).connect() as connection:
        if not _is_made(connection):
            return "made by the first run"
    for role in Role:
        try:
            with warehouse.engine(settings, role).connect() as connection:
                connection.execute(text("select 1"))
        except OperationalError as error:
            reason = str(error.orig).strip().rpartition("FATAL:")[2].strip()
            todo = "run `touchline upgrade` as the database's owner: it makes roles and sets the readers' password"
            raise TouchlineError(f"Nobody can act as {role}: {reason}", where="roles", todo=todo) from None
    return ", ".join(Role)


def _readers(settings: Settings) -> str:
    """Readers reach the marts alone, and nobody's views hold an old slot."""
    with warehouse.engine(settings).connect() as connection:
        if not _is_made(connection):
            return "nothing is published yet"
        names = dict(zip(("marts", "public"), OPEN_TO_READERS, strict=True))
        if schemas := connection.scalars(_OPEN_SCHEMAS, names).all():
            todo = "; ".join(f"revoke usage on schema {name} from bi_reader" for name in schemas)
            raise TouchlineError(f"bi_reader may look into {', '.join(schemas)}", where="schemas", todo=todo)
        if views := connection.scalars(_FOREIGN_VIEWS).all():
            todo = "drop them: a wanted view is a dbt model"
            raise TouchlineError(
                f"Views over marts keep the slot they were made on: {', '.join(views)}", where="pg_depend", todo=todo
            )
    return "see the published marts alone"


def _orphans(settings: Settings) -> str:
    """Loads whose source file is gone stop every build."""
    with warehouse.engine(settings).connect() as connection:
        if not _is_made(connection):
            return "no load yet"
        loaded = set(connection.scalars(text("select distinct source from ops.usable_loads")))
    if gone := sorted(loaded - {path.stem for path in settings.sources_dir.glob("*.yml")}):
        todo = "bring the source file back"
        raise TouchlineError(
            f"Loads of {', '.join(gone)} are there, but no source file", where=str(settings.sources_dir), todo=todo
        )
    return f"{len(loaded)} source(s) with loads"


def _server_log(settings: Settings) -> str:
    """The text of a failing statement, or the row a COPY failed at, may hold personal data."""
    with warehouse.engine(settings).connect() as connection:
        statement = connection.scalar(text("show log_min_error_statement"))
        verbosity = connection.scalar(text("show log_error_verbosity"))
    if statement not in ("panic", "fatal") or verbosity != "terse":
        todo = "set log_min_error_statement = panic and log_error_verbosity = terse on the server"
        found = f"log_min_error_statement = {statement}, log_error_verbosity = {verbosity}"
        raise TouchlineError(f"The server's log would tell values of rows: {found}", where="server settings", todo=todo)
    return "tells no values"


def _keys(settings: Settings) -> str:
    if _token_state(settings) is None:
        return "made by the first run"
    keys = custody.held_keys(settings, warehouse.engine(settings))
    return f"token key version {keys.newest_token_version}, cipher key version {keys.cipher_version}"


def _tokens(settings: Settings) -> str:
    state = _token_state(settings)
    if state is None:
        return "none yet"
    keys = custody.held_keys(settings, warehouse.engine(settings))
    if due := custody.what_is_due(state, keys, NORMALISER_VERSION):
        raise TouchlineError(f"retokenise is due: {due}", todo="run `touchline retokenise`")
    return f"key version {state.key_version}, normaliser version {state.normaliser_version}"


def _token_state(settings: Settings) -> TokenState | None:
    with warehouse.engine(settings).connect() as connection:
        if connection.scalar(text("select to_regclass('ops.token_generations') is null")):
            return None
        return custody.token_state(connection)


def _is_made(connection: Connection) -> bool:
    return bool(connection.scalar(text("select to_regclass('ops.usable_loads') is not null")))


CHECKS = {
    "schema": _schema,
    "roles": _roles,
    "readers": _readers,
    "loads": _orphans,
    "server log": _server_log,
    "keys": _keys,
    "tokens": _tokens,
}
