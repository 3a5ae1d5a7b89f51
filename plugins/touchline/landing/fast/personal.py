"""Tokens for whole columns of personal values, each distinct value once."""

import re
from collections.abc import Iterable, Sequence

from email_validator import SPECIAL_USE_DOMAIN_NAMES

from touchline.contracts import PersonalKind
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

CACHED_VALUES = 200_000
"""Values whose tokens are remembered; beyond, the memory starts anew."""
BAD = ""
"""Stands for the token of a value that is none of its kind."""

_SURE_EMAIL = re.compile(
    r"[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+([A-Za-z]{2,24})",
)
"""Plain addresses, whose normal form is the same text in lower case."""
_SURE_LENGTH = 64
"""No part of so short an address is too long."""
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


class PersonalValues:
    """Tokens of the personal values of one file. `fresh` holds what the vault has not been given yet."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._known: dict[PersonalKind, dict[str, str]] = {}
        self._fresh: dict[str, tuple[PersonalKind, str]] = {}

    def tokens(self, kind: PersonalKind, texts: Sequence[str]) -> list[str]:
        """Token of each value in hexadecimal, BAD for what is no value of the kind."""
        known = self._known.setdefault(kind, {})
        new = set(texts).difference(known)
        if len(known) + len(new) > CACHED_VALUES:
            known.clear()
            new = set(texts)
        for text in new:
            known[text] = self._token(kind, text)
        return [known[text] for text in texts]

    def secrets(self, tokens: Iterable[str | None]) -> dict[str, tuple[PersonalKind, str]]:
        """What the vault has to be told about the tokens of loaded rows: each token once, unless it was forgotten."""
        return {token: self._fresh.pop(token) for token in set(tokens).intersection(self._fresh) if token}

    def _token(self, kind: PersonalKind, text: str) -> str:
        try:
            kind, value = self._normalise(kind, text)
        except BadValue:
            return BAD
        token = self._tokeniser.digest(kind, value).hex()
        self._fresh[token] = (kind, value)
        return token

    def _normalise(self, kind: PersonalKind, text: str) -> tuple[PersonalKind, str]:
        if kind in (PersonalKind.EMAIL, PersonalKind.ENDPOINT):
            found = _SURE_EMAIL.fullmatch(text) if len(text) <= _SURE_LENGTH else None
            if found and found[1].lower() not in _SPECIAL:
                return PersonalKind.EMAIL, text.lower()
        return self._tokeniser.normalise(kind, text)
