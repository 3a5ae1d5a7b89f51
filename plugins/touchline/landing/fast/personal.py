"""Tokens for whole columns of personal values, each distinct value once."""

import polars as pl
from email_validator import SPECIAL_USE_DOMAIN_NAMES

from touchline.contracts import PersonalKind
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

CACHED_VALUES = 200_000
"""Values whose tokens are remembered; beyond, the memory starts anew."""
BAD = ""
"""Stands for the token of a value that is none of its kind."""

_SURE_EMAIL = r"^[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+([A-Za-z]{2,24})$"
"""Plain addresses, whose normal form is the same text in lower case."""
_SURE_LENGTH = 64
"""No part of so short an address is too long."""
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


class _Memory:
    """Values of one kind by the number that Polars gives each; `tokens` by that number, null if not yet made."""

    def __init__(self) -> None:
        self._type = pl.Categorical(pl.Categories.random())
        # Numbers are forgotten when no series holds them any more.
        self._holder = pl.Series([""], dtype=self._type)
        self.tokens = pl.Series(dtype=pl.String)

    def numbers(self, texts: pl.Series) -> pl.Series:
        """The number of each value; new values get new ones."""
        numbers = texts.cast(self._type).to_physical()
        missing = int(numbers.to_numpy().max(initial=0)) + 1 - len(self.tokens)
        if missing > 0:
            self.tokens = self.tokens.extend_constant(None, missing)
        return numbers


class PersonalValues:
    """Tokens of the personal values of one file, and what the vault has not been given yet."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._memories: dict[PersonalKind, _Memory] = {}
        self._fresh: dict[str, tuple[PersonalKind, str]] = {}

    def tokens(self, kind: PersonalKind, texts: pl.Series) -> pl.Series:
        """Token of each value in hexadecimal, BAD for what is no value of the kind; `texts` without nulls."""
        memory = self._memories.setdefault(kind, _Memory())
        if len(memory.tokens) > CACHED_VALUES:
            memory = self._memories[kind] = _Memory()
        numbers = memory.numbers(texts)
        tokens = memory.tokens.gather(numbers)
        if unknown := tokens.null_count():
            places = tokens.is_null()
            new = pl.DataFrame([numbers.filter(places).alias("number"), texts.filter(places).alias("text")])
            new = new.unique("number") if unknown > 1 else new
            memory.tokens = memory.tokens.scatter(new["number"], self._made(kind, new["text"]))
            tokens = memory.tokens.gather(numbers)
        return tokens

    def secrets(self, tokens: pl.Series) -> dict[str, tuple[PersonalKind, str]]:
        """What the vault has to be told about the tokens of loaded rows: each token once, unless it was forgotten."""
        if not self._fresh:
            return {}
        fresh = pl.Series(list(self._fresh), dtype=pl.String)
        return {token: self._fresh.pop(token) for token in fresh.filter(fresh.is_in(tokens.implode()))}

    def _made(self, kind: PersonalKind, texts: pl.Series) -> list[str]:
        sure = pl.repeat(value=False, n=len(texts), dtype=pl.Boolean, eager=True)
        if kind in (PersonalKind.EMAIL, PersonalKind.ENDPOINT):
            domain = texts.str.extract(_SURE_EMAIL)
            is_sure = domain.is_not_null() & (texts.str.len_bytes() <= _SURE_LENGTH)
            sure = is_sure & ~domain.str.to_lowercase().is_in(list(_SPECIAL)).fill_null(value=False)
        return [
            self._kept(PersonalKind.EMAIL, text.lower()) if is_plain else self._token(kind, text)
            for text, is_plain in zip(texts.to_list(), sure.to_list(), strict=True)
        ]

    def _token(self, kind: PersonalKind, text: str) -> str:
        try:
            return self._kept(*self._tokeniser.normalise(kind, text))
        except BadValue:
            return BAD

    def _kept(self, kind: PersonalKind, value: str) -> str:
        token = self._tokeniser.digest(kind, value).hex()
        self._fresh[token] = (kind, value)
        return token
