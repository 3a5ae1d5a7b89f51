"""Where a person is written in plain words: records set aside, and free texts of the vault."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg

from touchline.contracts import PersonalKind
from touchline.keys import VaultKeys
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

SHORTEST_ID = 4
"""A shorter id of an account may be anything: a quantity, a number of a line."""
_EMAIL = re.compile(r"""[^\s,;|<>()"':=]+@[^\s,;|<>()"':=]+""")
_NUMBER = re.compile(r"\+?\(?\d[\d ()./-]{4,}\d")
_FIELDS = re.compile(r"""[,;|\t\r\n"]+|  +""")

_HELD = """
    select load_id, record_number, source, payload from quarantine.records inner join ops.loads using (load_id)
    where erased_at is null order by load_id, record_number
"""
_DESTROY = """
    update quarantine.records set payload = %s, erased_at = now() where load_id = %s and record_number = %s
"""
_TEXTS = "select token, ciphertext from vault.values where kind = 'text'"
_FETCHED_AT_ONCE = 200


class Traces:
    """What persons are recognised by in a text. `tokens` of identifiers, `names` of names; `accounts`: (source, id),
    the source empty for loyalty ids. `regions`: of numbers written without a country code.
    """

    def __init__(
        self, keys: VaultKeys, tokens: set[str], names: set[str], accounts: set[tuple[str, str]], regions: set[str]
    ) -> None:
        self._tokens = tokens
        self._names = names
        self._accounts = {(source, text) for source, text in accounts if len(text) >= SHORTEST_ID}
        self._tokenisers = [Tokeniser(keys.token_key, region) for region in (*sorted(regions), None)]

    def in_text(self, text: str) -> bool:
        """Whether an address or a number of theirs stands in it."""
        for kind, pattern in ((PersonalKind.EMAIL, _EMAIL), (PersonalKind.PHONE, _NUMBER)):
            for found in pattern.findall(text):
                plain = found.rstrip(".")
                if any(self._token(tokeniser, kind, plain) in self._tokens for tokeniser in self._tokenisers):
                    return True
        return False

    def in_record(self, payload: bytes, source: str) -> bool:
        """Whether a record tells of them: as a text does, or by a field that is their name, account or loyalty id."""
        # Latin letters and digits read the same in every encoding an export may have, but for the NULs of UTF-16.
        plain = payload.replace(b"\0", b"")
        texts = {_decoded(plain), plain.decode("latin-1")}
        fields = {field.strip() for text in texts for field in _FIELDS.split(text)}
        return (
            any((source, field) in self._accounts or ("", field) in self._accounts for field in fields)
            or any(self._token(self._tokenisers[0], PersonalKind.TEXT, field) in self._names for field in fields)
            or any(self.in_text(text) for text in texts)
        )

    @staticmethod
    def _token(tokeniser: Tokeniser, kind: PersonalKind, text: str) -> str | None:
        try:
            return str(tokeniser.token(kind, text)[0])
        except BadValue:
            return None


def destroy_held(connection: psycopg.Connection[Any], keys: VaultKeys, traces: Traces) -> tuple[int, set[int]]:
    """Destroy the bytes of records that tell of them, which stay counted; (records, loads)."""
    found = [
        (load_id, number)
        for load_id, number, source, payload in _streamed(connection, _HELD)
        if traces.in_record(keys.decrypt(bytes(payload)), source)
    ]
    for load_id, number in found:
        connection.execute(_DESTROY, (keys.encrypt(b""), load_id, number))
    return len(found), {load_id for load_id, _ in found}


def texts_that_tell(connection: psycopg.Connection[Any], keys: VaultKeys, traces: Traces) -> set[str]:
    """Tokens of free texts in which an address or a number of theirs stands, whoever wrote them."""
    rows = _streamed(connection, _TEXTS)
    return {str(token) for token, sealed in rows if traces.in_text(keys.decrypt(bytes(sealed)).decode())}


def _streamed(connection: psycopg.Connection[Any], query: str) -> Iterator[Any]:
    """Rows a few at a time: records may be large, and the vault is."""
    with connection.cursor("traces") as cursor:
        cursor.itersize = _FETCHED_AT_ONCE
        yield from cursor.execute(query.encode())


def _decoded(payload: bytes) -> str:
    return payload.decode("utf-8", errors="replace")
