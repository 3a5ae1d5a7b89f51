"""Keeps erased persons out of what is loaded."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import psycopg

from touchline import tombstones
from touchline.contracts import Contract, PersonalKind
from touchline.keys import VaultKeys
from touchline.landing.tokens import Tokeniser

_OLDER = """
    select kind, value, key_version, erasure_id from vault.tombstones where key_version <> %s order by key_version
"""
_ANY = "select exists (select from vault.tombstones)"
_RECOGNISED = """
    insert into vault.tombstones (kind, value, key_version, erasure_id) values (%s, %s, %s, %s) on conflict do nothing
"""
NULLED = ("nulled", "", "the person was erased")
"""How severed rows are counted in the ledger."""


class Gate:
    """Of one load: made when it begins, told its personal values, closed when its rows are written."""

    def __init__(
        self, connection: psycopg.Connection, load_id: int, contracts: Iterable[Contract], keys: VaultKeys
    ) -> None:
        self._connection = connection
        self._load_id = load_id
        self._contracts = list(contracts)
        self._version = keys.token_version
        self._is_idle = connection.execute(_ANY).fetchone() == (False,)
        older = connection.execute(_OLDER, (keys.token_version,)).fetchall()
        self._older = {UUID(value).bytes: (kind, erasure) for kind, value, _, erasure in older}
        versions = {version for _, _, version, _ in older}
        self._tokenisers = [Tokeniser(keys.making_tokens_of(version).token_key, None) for version in sorted(versions)]

    def see(self, secrets: Mapping[bytes, tuple[PersonalKind, str]]) -> None:
        """Give what is recognised by an older key a tombstone of today's."""
        for tokeniser in self._tokenisers:
            for token, (kind, value) in secrets.items():
                if found := self._older.get(tokeniser.digest(kind, value)):
                    name, erasure = found
                    self._connection.execute(_RECOGNISED, (name, str(UUID(bytes=token)), self._version, erasure))

    def close(self) -> tuple[int, list[str]]:
        """Sever the load's rows: (how many, tokens that the vault must not be told of)."""
        if self._is_idle:
            return 0, []
        severed = tombstones.sever(self._connection, self._contracts, self._load_id)
        kept = tombstones.borne(self._connection, self._contracts, severed.tokens, self._load_id)
        return sum(severed.rows.values()), sorted(severed.tokens - kept)
