"""One erasure: everything in the database in one transaction, remembered apart from it before that commits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text

from touchline import custody, tombstones, warehouse
from touchline.contracts import load_contracts
from touchline.erasure import journal, people, traces
from touchline.erasure.identifiers import Identifier
from touchline.erasure.journal import Entry
from touchline.errors import TouchlineError
from touchline.keys import VaultKeys
from touchline.landing import spool
from touchline.landing.tokens import NORMALISER_VERSION
from touchline.locks import Lock
from touchline.settings import Settings
from touchline.sources import load_sources
from touchline.tombstones import Severed

Progress = Callable[[str], None]

_FORGET_IDENTITIES = (
    """
    delete from identity.redirects
    where old_customer_id = any(%(customers)s) or customer_id = any(%(customers)s)
        or anchor_node = any(%(nodes)s) or heir_node = any(%(nodes)s)
    """,
    """
    delete from identity.changes
    where node = any(%(nodes)s) or old_customer_id = any(%(customers)s) or new_customer_id = any(%(customers)s)
    """,
    "delete from identity.weak_pairs where left_node = any(%(nodes)s) or right_node = any(%(nodes)s)",
    "delete from identity.nodes where node = any(%(nodes)s) or customer_id = any(%(customers)s)",
    "delete from identity.token_origins where token = any(%(tokens)s::uuid[])",
    # The next build makes every table in full and solves identities anew: it needs neither of these.
    "truncate identity.links, changes.changed_keys",
    "update identity.states set rules_digest = ''",
    """
    update ops.builds set state = 'failed', finished_at = now(), reason = 'abandoned: a person was erased under it'
    where state in ('building', 'audited')
    """,
)
_DESTROY = "delete from vault.values where token = any(%s::uuid[])"
_ENTER = """
    insert into ops.erasures (
        erasure_id, asked_by, reason, identifiers, customers, vault_values, rows, held_records, frozen_before
    )
    values (%s, %s, %s, %s, %s, %s, %s, %s, (select coalesce(max(build_id), 0) from ops.builds))
"""
_FILES = "select distinct source || ': ' || file_name from ops.loads where load_id = any(%s) order by 1"
_VACUUMED = (
    "vault.values",
    "quarantine.records",
    "identity.nodes",
    "identity.changes",
    "identity.redirects",
    "identity.weak_pairs",
)


@dataclass
class Erased:
    """What an erasure did, or would do. `rows` that name nobody since, by raw table; `files` that brought them, and
    held records, and may lie at the source still. `is_new`: false where nothing was left to do.
    """

    erasure_id: UUID
    customers: int = 0
    tombstones: int = 0
    vault_values: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    held_records: int = 0
    files: list[str] = field(default_factory=list)
    is_done: bool = False

    @property
    def is_new(self) -> bool:
        return bool(self.tombstones or self.vault_values or self.rows or self.held_records)


def erase(
    settings: Settings,
    identifiers: Sequence[Identifier],
    *,
    asked_by: str,
    reason: str,
    brand: str | None = None,
    is_dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Erased:
    """Erase the customers these identifiers belong to, all at once; `is_dry_run` tells what that would do.

    `reason` and `asked_by` go to ops.erasures and must hold no personal data. Asked again, nothing is left to do;
    killed anywhere, all of it or nothing has happened. Raises TouchlineError while files are loaded or a build is
    under way, for an identifier that cannot be read, and for keys that are not the warehouse's.
    """

    def named(connection: psycopg.Connection[Any], keys: VaultKeys) -> Entry:
        customers, stones = people.customers(connection, identifiers, keys, brand)
        stones = [*dict.fromkeys([*stones, *people.known_by(connection, customers, keys)])]
        kinds = tuple(sorted(item.kind for item in identifiers))
        return Entry(uuid4(), asked_by, reason, kinds, tuple(customers), tuple(stones))

    return _erase(settings, named, is_dry_run=is_dry_run, progress=progress)


def erase_again(settings: Settings, progress: Progress = lambda _: None) -> list[Erased]:
    """Do what a restored database does not know to have been done, and what was killed before its end."""

    def remembered(entry: Entry) -> Erased:
        return _erase(settings, lambda _connection, _keys: entry, progress=progress)

    return [remembered(entry) for entry in journal.missing(settings, warehouse.engine(settings))]


def _erase(
    settings: Settings,
    named: Callable[[psycopg.Connection[Any], VaultKeys], Entry],
    *,
    is_dry_run: bool = False,
    progress: Progress,
) -> Erased:
    owner = warehouse.engine(settings)
    custody.require_settled(owner)
    with owner.connect() as connection:
        if custody.token_state(connection) is None:
            raise TouchlineError("Nothing has been loaded yet, so nobody is here to be erased")
    keys = custody.bind(owner, custody.held_keys(settings, owner), NORMALISER_VERSION)
    with (
        warehouse.advisory_lock(owner, Lock.TOKENS, "Files are being loaded, or tokens are being moved"),
        warehouse.advisory_lock(owner, Lock.BUILD, "A build is under way, and must not see rows change"),
    ):
        with owner.connect() as connection, _transaction(connection) as driver:
            erasing = _Erasing(settings, driver, keys, named(driver, keys), progress)
            done = erasing.run()
            if is_dry_run or (not done.is_new and not erasing.is_remembered):
                connection.rollback()
                return done
            erasing.enter()
            journal.keep(settings, erasing.entry)
            connection.commit()
        done.is_done = True
        spool.sweep(settings.spool_dir)
        _vacuum(owner, done, progress)
    return done


class _Erasing:
    """One erasure on its way; the transaction is the caller's."""

    def __init__(
        self,
        settings: Settings,
        connection: psycopg.Connection[Any],
        keys: VaultKeys,
        entry: Entry,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._progress = progress
        self._contracts = [*load_contracts(settings.contracts_dir).values()]
        sources = load_sources(settings.sources_dir, load_contracts(settings.contracts_dir))
        self._regions = {source.phone_region for source in sources if source.phone_region}
        self.entry = entry
        self.is_remembered = (settings.erasures_dir / f"{entry.erasure_id}.json").exists()
        self._done = Erased(entry.erasure_id, len(entry.customers))

    def run(self) -> Erased:
        done, erasure = self._done, self.entry.erasure_id
        done.tombstones = people.put(self._connection, self.entry.tombstones, erasure)
        came = tuple(people.newcomers(self._connection, self._contracts, erasure))
        done.tombstones += people.put(self._connection, came, erasure)
        self.entry = replace(self.entry, tombstones=(*self.entry.tombstones, *came))
        severed = tombstones.sever(self._connection, self._contracts)
        done.rows = severed.rows
        self._progress(f"{sum(done.rows.values())} rows name nobody any more")
        loads = severed.loads | self._destroy_plain_words(severed)
        if done.rows:
            self._forget_identities()
        done.files = [row[0] for row in self._connection.execute(_FILES, (sorted(loads),))]
        return done

    def enter(self) -> None:
        """The entry in the ledger: who, why and how much, and nobody's name."""
        entry, done = self.entry, self._done
        counts = (len(entry.customers), done.vault_values, Jsonb(done.rows), done.held_records)
        self._connection.execute(
            _ENTER, (entry.erasure_id, entry.asked_by, entry.reason, list(entry.identifiers), *counts)
        )

    @property
    def _tokens(self) -> set[str]:
        return {stone.value for stone in self.entry.tombstones if stone.key_version}

    def _destroy_plain_words(self, severed: Severed) -> set[int]:
        """Values of the vault, records set aside; the loads of the latter."""
        accounts = {(s.scope, s.value) for s in self.entry.tombstones if s.kind in ("customer", "contact")}
        accounts |= {("", s.value) for s in self.entry.tombstones if s.kind == "loyalty"}
        names = severed.tokens_of.get("full_name_token", set())
        found = traces.Traces(self._keys, self._tokens, names, accounts, self._regions)
        self._done.held_records, loads = traces.destroy_held(self._connection, self._keys, found)
        self._progress(f"{self._done.held_records} records set aside are destroyed")
        # A post code, a name may be somebody else's, too.
        alone = severed.tokens - tombstones.borne(self._connection, self._contracts, severed.tokens)
        gone = self._tokens | alone | traces.texts_that_tell(self._connection, self._keys, found)
        self._done.vault_values = self._connection.execute(_DESTROY, (sorted(gone),)).rowcount
        self._progress(f"{self._done.vault_values} values of the vault are destroyed")
        return loads

    def _forget_identities(self) -> None:
        nodes = [
            f"{stone.scope}/{stone.kind}/{stone.value}"
            if stone.kind in ("customer", "contact")
            else f"{stone.kind}/{stone.value}"
            for stone in self.entry.tombstones
        ]
        values = {"nodes": nodes, "customers": list(self.entry.customers), "tokens": sorted(self._tokens)}
        for statement in _FORGET_IDENTITIES:
            self._connection.execute(statement.encode(), values)


@contextmanager
def _transaction(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's connection inside a transaction of SQLAlchemy's, which the caller ends."""
    connection.execute(text("set local lock_timeout = '60s'"))
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the warehouse is reached through psycopg")
    yield driver


def _vacuum(owner: Engine, done: Erased, progress: Progress) -> None:
    """Give the room of what was destroyed to others: until then its bytes lie in the table's files."""
    progress("vacuum")
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (*_VACUUMED, *(f'raw."{name}"' for name in done.rows)):
            connection.exec_driver_sql(f"vacuum (analyze) {table}")
