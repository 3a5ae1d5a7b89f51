"""Keys held against the warehouse: whether they are the ones that made its data, and which version makes its tokens.

The warehouse's tokens are all of one version of key and normaliser (`ops.token_generations`). A newer key waits until
`touchline retokenise` has moved what is there; loads go on with the older one. A newer normaliser cannot wait: the
older one is gone, so loads are refused until then.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import Connection, Engine, text

from touchline import vault
from touchline.errors import TouchlineError
from touchline.keys import Purpose, VaultKeys, missing_key
from touchline.locks import Lock
from touchline.settings import Settings

_RETOKENISE = "run `touchline retokenise`"
_CHECKS = text("select purpose, version, check_value from ops.key_checks")
_REGISTER = text("""
    insert into ops.key_checks (purpose, version, check_value) values (:purpose, :version, :check_value)
    on conflict do nothing
""")
_GENERATIONS = text("""
    select generation, key_version, normaliser_version, started_at, finished_at
    from ops.token_generations order by generation
""")
_BEGIN = text("""
    insert into ops.token_generations (generation, key_version, normaliser_version, finished_at)
    values (1, :key_version, :normaliser_version, now()) on conflict do nothing
""")
_ERASURES = text("select count(*) from ops.erasures where rows <> '{}'")
_NEWEST = """
    select key_version, normaliser_version, started_at, finished_at
    from ops.token_generations order by generation desc limit 1
"""


@dataclass(frozen=True)
class TokenState:
    """Versions of the warehouse's tokens. `generation` counts from 1; `moving_since` while a move is unfinished."""

    generation: int
    key_version: int
    normaliser_version: int
    moving_since: datetime | None = None


def token_state(connection: Connection) -> TokenState | None:
    """None before the first load."""
    rows = connection.execute(_GENERATIONS).all()
    finished = [row for row in rows if row.finished_at]
    if not finished:
        return None
    now, newest = finished[-1], rows[-1]
    return TokenState(
        now.generation, now.key_version, now.normaliser_version, None if newest.finished_at else newest.started_at
    )


def shape_of_rows(connection: Connection) -> str:
    """What changes whenever rows that stand are changed under the builds: moves of tokens, erasures."""
    state = token_state(connection)
    erasures = connection.scalar(_ERASURES)
    moves = f".{state.generation}" if state else ""
    return f"{moves}.{erasures}" if erasures else moves


def held_keys(settings: Settings, engine: Engine) -> VaultKeys:
    """The keys at hand, held against the warehouse; made if it has none yet. Raises TouchlineError for wrong ones."""
    # In this order: keys are kept before the warehouse knows of them, by another process perhaps this moment.
    with engine.connect() as connection:
        checks = _checks(connection)
    keys = vault.find_keys(settings)
    if keys is None and checks:
        raise TouchlineError(
            "The keys of this warehouse are missing",
            where=str(settings.secrets_dir),
            todo="bring them back from their back-up: `touchline keys restore BACKUP`",
        )
    keys = keys or vault.load_keys(settings.secrets_dir)
    _compare(checks, keys)
    return keys


def bind(engine: Engine, keys: VaultKeys, normaliser_version: int) -> VaultKeys:
    """The keys, making tokens of the warehouse's version; the first call says which version that is.

    Raises TouchlineError if they are not the keys that made the data, or if the normaliser is another one.
    """
    with engine.begin() as connection:
        state = token_state(connection)
        if state is None:
            versions = {"key_version": keys.newest_token_version, "normaliser_version": normaliser_version}
            connection.execute(_BEGIN, versions)
            state = token_state(connection)
        if state is None:
            raise RuntimeError("the first generation of tokens was not entered")
        register(connection, keys, (Purpose.TOKEN, state.key_version), (Purpose.CIPHER, keys.cipher_version))
        if state.normaliser_version != normaliser_version:
            raise _other_normaliser(state.normaliser_version, normaliser_version)
    return keys.making_tokens_of(state.key_version)


def claim(connection: psycopg.Connection, keys: VaultKeys, normaliser_version: int) -> None:
    """Let this transaction write tokens of `keys`, and no move of tokens begin before it ends.

    Raises TouchlineError while tokens are being moved, and if they were moved since `bind`.
    """
    locked = connection.execute("select pg_try_advisory_xact_lock_shared(%s)", (Lock.TOKENS,)).fetchone()
    row = connection.execute(_NEWEST).fetchone()
    if row is None or locked != (True,) or row[3] is None:
        raise _moving(row[2] if row and row[3] is None else None)
    if row[:2] != (keys.token_version, normaliser_version):
        raise TouchlineError("Tokens were moved to another version at this moment", todo="load again")


def require_settled(engine: Engine) -> None:
    """Raise TouchlineError while tokens are being moved: a build would see old and new ones."""
    with engine.connect() as connection:
        state = token_state(connection)
    if state and state.moving_since:
        raise _moving(state.moving_since)


def what_is_due(state: TokenState | None, keys: VaultKeys, normaliser_version: int) -> str | None:
    """Why tokens ought to be moved, in words; None if they are of today's versions."""
    if state is None:
        return None
    if state.moving_since:
        return "tokens are being moved, or their move was interrupted"
    due = []
    if state.key_version < keys.newest_token_version:
        due.append(f"tokens are made by key version {state.key_version}, the newest is {keys.newest_token_version}")
    if state.normaliser_version != normaliser_version:
        due.append(
            f"values are normalised by version {state.normaliser_version}, this release has {normaliser_version}"
        )
    return "; ".join(due) or None


def register(connection: Connection, keys: VaultKeys, *used: tuple[Purpose, int]) -> None:
    """Enter the check values of versions in use, and compare all that are entered."""
    values = keys.check_values()
    checks = _checks(connection)
    for purpose, version in used:
        if (purpose, version) not in checks and (purpose, version) in values:
            row = {"purpose": purpose.value, "version": version, "check_value": values[purpose, version]}
            connection.execute(_REGISTER, row)
            checks = _checks(connection)
    _compare(checks, keys)


def used_keys(connection: Connection) -> set[tuple[Purpose, int]]:
    """Versions that made or sealed something of the warehouse."""
    return set(_checks(connection))


def verify(engine: Engine, keys: VaultKeys) -> None:
    """Raise TouchlineError unless these are the keys that made the warehouse's data."""
    with engine.connect() as connection:
        _compare(_checks(connection), keys)


def _compare(checks: dict[tuple[Purpose, int], str], keys: VaultKeys) -> None:
    """Raise TouchlineError unless every key in use is at hand and the one that made the data."""
    values = keys.check_values()
    for (purpose, version), check_value in sorted(checks.items()):
        if (purpose, version) not in values:
            raise missing_key(purpose, version)
        if values[purpose, version] != check_value:
            raise TouchlineError(
                f"The {purpose} key version {version} is not the one that made this warehouse's data",
                where="TOUCHLINE_KEYS, TOUCHLINE_KEYS_FILE or the folder secrets/ of the state folder",
                todo="restore the keys that belong to this database (`touchline keys verify BACKUP` tells),"
                " or point TOUCHLINE_DATABASE_URL at the database that belongs to these keys",
            )


def _checks(connection: Connection) -> dict[tuple[Purpose, int], str]:
    return {(Purpose(row.purpose), row.version): row.check_value for row in connection.execute(_CHECKS)}


def _moving(since: datetime | None) -> TouchlineError:
    begun = f" since {since:%F %T} UTC" if since else ", or a person is being erased"
    return TouchlineError(
        f"Tokens are being moved to another version{begun}; nothing may be loaded or built meanwhile",
        where="ops.token_generations",
        todo=f"wait for `touchline retokenise` to end; if it was interrupted, {_RETOKENISE}: it goes on where it was",
    )


def _other_normaliser(stored: int, ours: int) -> TouchlineError:
    todo = f"{_RETOKENISE}, then load again" if ours > stored else "use the release the warehouse was last used with"
    return TouchlineError(
        f"The warehouse's personal values are normalised by version {stored}, this release has version {ours}:"
        " the same person would get two tokens",
        where="ops.token_generations",
        todo=todo,
    )
