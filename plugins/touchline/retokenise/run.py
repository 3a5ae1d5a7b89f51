"""One move of all tokens, from its entry in ops.token_generations to its end; a killed one is taken up again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from touchline import custody, warehouse
from touchline.custody import TokenState
from touchline.errors import TouchlineError
from touchline.identity.frames import TOKEN_KINDS
from touchline.keys import Purpose, VaultKeys
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.locks import Lock
from touchline.retokenise import places, values
from touchline.settings import Settings

Progress = Callable[[str], None]

_UNFINISHED = text("select * from ops.token_generations where finished_at is null")
_OLDER_SEAL = text("""
    select exists (select from vault.values where get_byte(ciphertext, 0) <> :version)
        or exists (select from quarantine.records where get_byte(payload, 0) <> :version)
        or exists (select from quarantine.files where get_byte(preamble, 0) <> :version)
""")
_ENTER = text("""
    insert into ops.token_generations (generation, key_version, normaliser_version)
    values (:generation, :key_version, :normaliser_version)
""")
_AIM_ANEW = text("""
    update ops.token_generations set key_version = :key_version, normaliser_version = :normaliser_version
    where finished_at is null
""")
_ABANDON_BUILDS = text("""
    update ops.builds set state = 'failed', finished_at = now(), reason = 'abandoned: tokens were moved under it'
    where state = 'building'
""")
_MAPPED = text("update ops.token_generations set mapped_at = now() where finished_at is null")
# An identifier is known by its first token for good; of identifiers that fall together each keeps its own.
_KEEP_ORIGINS = text("""
    with carried as (
        update identity.token_origins set token = moves.new_token from vault.moves where token = old_token
    )
    insert into identity.token_origins (origin, token, first_seen_at)
    select old_token, new_token, created_at from vault.moves
    where new_token in (select new_token from vault.moves where new_token <> old_token)
        and (kind is null or kind = any(:kinds))
        and not exists (select from identity.token_origins where token = old_token)
    on conflict do nothing
""")
# The next build solves all identities anew and compares them with the state, whose nodes bear their new names.
_OUTDATE_STATE = text("update identity.states set rules_digest = ''")
_EMPTY_VAULT = text("delete from vault.values")
_FILL_VAULT = text("""
    insert into vault.values (token, kind, ciphertext, key_version, normaliser_version, created_at)
    select distinct on (new_token) new_token, kind, ciphertext, :key_version, :normaliser_version, created_at
    from vault.moves where ciphertext is not null order by new_token, created_at, old_token
""")
_FINISH = text("""
    update ops.token_generations set finished_at = clock_timestamp(),
        (tokens, merged, unfit, without_value) = (
            select count(ciphertext), count(*) - count(distinct new_token), count(*) filter (where is_unfit),
                count(*) filter (where ciphertext is null)
            from vault.moves
        ),
        rows = (select coalesce(sum(rows), 0) from vault.moved_places)
    where finished_at is null
    returning *
""")
# A key that nothing is made by any more, and no erased person is recognised by, need not be at hand.
_FORGET_CHECKS = text("""
    delete from ops.key_checks where (
        purpose = 'token' and version <> :key_version
        and version not in (select key_version from vault.tombstones where key_version is not null)
    ) or (
        purpose = 'cipher'
        and version not in (select get_byte(ciphertext, 0) from vault.values)
        and version not in (select get_byte(payload, 0) from quarantine.records)
        and version not in (select get_byte(preamble, 0) from quarantine.files)
    )
""")


@dataclass(frozen=True)
class Move:
    """What a move did, over all its calls. Counts: `tokens` with a value; `merged` into one that now means the same;
    `unfit` values that are none of their kind any more and keep their form; tokens `without_value`; `rows` changed.
    """

    generation: int
    key_version: int
    normaliser_version: int
    tokens: int
    merged: int
    unfit: int
    without_value: int
    rows: int


def retokenise(settings: Settings, progress: Progress = lambda _: None) -> Move | None:
    """Move every token to today's versions of key and normaliser; None if there is nothing to do.

    Memory does not grow with the warehouse. Killed anywhere, the next call goes on; until the end no load and no
    build begins. Raises TouchlineError while one is under way, and for keys that are not the warehouse's.
    """
    owner = warehouse.engine(settings)
    keys = custody.held_keys(settings, owner)
    with warehouse.advisory_lock(owner, Lock.TOKENS, "Files are being loaded, or tokens are being moved already"):
        with warehouse.advisory_lock(owner, Lock.BUILD, "A build is under way; it must not see tokens move"):
            begun = _begin(owner, keys)
        if begun is None:
            return None
        keys = keys.making_tokens_of(begun.key_version)
        with owner.connect() as connection:
            found = places.find_places(connection)
        if begun.mapped_at is None:
            _map(owner, keys, begun, found, progress)
        for place in found:
            if rows := sum(places.move_place(owner, place)):
                progress(f"{place.table}: {rows} rows moved")
        if records := sum(values.reseal_quarantine(owner, keys)):
            progress(f"quarantine: {records} records sealed anew")
        values.reseal_files(owner, keys)
        finished = _finish(owner)
        _vacuum(owner, found, progress)
    return Move(**{name: getattr(finished, name) for name in Move.__dataclass_fields__})


def _begin(owner: Engine, keys: VaultKeys) -> Row[Any] | None:
    """The move to do: the unfinished one, or a new one if tokens or seals are of older versions."""
    target = {"key_version": keys.newest_token_version, "normaliser_version": NORMALISER_VERSION}
    with owner.begin() as connection:
        state = custody.token_state(connection)
        if state is None:
            return None
        if state.normaliser_version > NORMALISER_VERSION or state.key_version > keys.newest_token_version:
            raise TouchlineError(
                "The warehouse's tokens are of newer versions than this release or these keys have",
                where="ops.token_generations",
                todo="use the release and the keys the warehouse was last used with",
            )
        unfinished = connection.execute(_UNFINISHED).first()
        if unfinished is None:
            if not _is_needed(connection, state, keys):
                return None
            connection.execute(_ENTER, target | {"generation": state.generation + 1})
            connection.execute(_ABANDON_BUILDS)
        elif unfinished.mapped_at is None and unfinished._mapping.items() & target.items() != target.items():
            # Nothing has moved yet, and keys or release have changed since.
            connection.exec_driver_sql("truncate vault.moves")
            connection.execute(_AIM_ANEW, target)
        begun = connection.execute(_UNFINISHED).one()
        used = ((Purpose.TOKEN, begun.key_version), (Purpose.CIPHER, keys.cipher_version))
        custody.register(connection, keys, *used)
    return begun


def _is_needed(connection: Connection, state: TokenState, keys: VaultKeys) -> bool:
    is_due = custody.what_is_due(state, keys, NORMALISER_VERSION) is not None
    return is_due or bool(connection.scalar(_OLDER_SEAL, {"version": keys.cipher_version}))


def _map(owner: Engine, keys: VaultKeys, begun: Row[Any], found: list[places.Place], progress: Progress) -> None:
    """Compute all new tokens before the first one moves."""
    with owner.connect() as connection:
        state = custody.token_state(connection)
    if state is None:
        raise RuntimeError("a move of tokens without tokens")
    is_normalised = state.normaliser_version == begun.normaliser_version
    count = sum(values.map_values(owner, keys, is_normalised=is_normalised))
    progress(f"vault: {count} values")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze vault.moves")
    with owner.begin() as connection:
        if state.key_version != begun.key_version:
            for place in found:
                places.give_unknown_tokens_a_move(connection, place)
        connection.execute(_MAPPED)


def _finish(owner: Engine) -> Row[Any]:
    """Vault, first tokens and ledger, at once: from here on everything is of the new versions."""
    with owner.begin() as connection:
        connection.execute(_KEEP_ORIGINS, {"kinds": list(TOKEN_KINDS)})
        connection.execute(_OUTDATE_STATE)
        # Keys of the log name identifiers too; every table is made in full by the next build, and needs none of it.
        connection.exec_driver_sql("truncate identity.links, changes.changed_keys")
        finished = connection.execute(_FINISH).one()
        versions = {"key_version": finished.key_version, "normaliser_version": finished.normaliser_version}
        connection.execute(_EMPTY_VAULT)
        connection.execute(_FILL_VAULT, versions)
        connection.execute(_FORGET_CHECKS, versions)
        connection.exec_driver_sql("truncate vault.moves, vault.moved_places")
    return finished


def _vacuum(owner: Engine, found: list[places.Place], progress: Progress) -> None:
    """Give the room of the old rows back, and with them the old tokens."""
    progress("vacuum")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*(place.table for place in found), "vault.values", "quarantine.records", "quarantine.files"):
            connection.exec_driver_sql(f"vacuum (analyze) {table}")
