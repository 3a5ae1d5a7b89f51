"""Tokens for whole columns of personal values, each distinct value once."""

import numpy as np
import polars as pl
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from numpy.typing import NDArray

from touchline.contracts import PersonalKind
from touchline.landing.fields import TOKEN, Fixed, tokens_field
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

CACHED_VALUES = 200_000
"""Values whose tokens are remembered; beyond, the memory starts anew."""

_SURE_EMAIL = r"^[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}$"
"""Plain addresses, whose normal form is the same text in lower case, unless the domain is special."""
_SURE_LENGTH = 64
"""No part of so short an address is too long."""
_SPECIAL = r"(?i)\.(?:" + "|".join(sorted({name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES})) + ")$"
_NO_VALUE = "\x00"
"""Holds the number 0, which stands for no value: no text of a file that is read quickly is this one."""
_UNSEEN, _BAD, _FRESH, _TOLD = range(4)
"""What is known of a number: nothing, that it is no value of its kind, that the vault must or need not be told."""
Numbers = NDArray[np.uint32]


class KnownValues:
    """Values of one kind by the number that Polars gives each, with their tokens."""

    def __init__(self, tokeniser: Tokeniser, kind: PersonalKind) -> None:
        self._tokeniser = tokeniser
        self._kind = kind
        self._type = pl.Categorical(pl.Categories.random())
        # Numbers are forgotten when no series holds them any more.
        self._holder = pl.Series([_NO_VALUE], dtype=self._type)
        self._tokens = np.zeros(1, TOKEN)
        self._states = np.full(1, _BAD, np.uint8)
        self._fresh: dict[int, tuple[bytes, PersonalKind, str]] = {}

    def __len__(self) -> int:
        return len(self._states)

    def numbers(self, texts: pl.Series) -> Numbers:
        """The number of each value, new ones for new values; `texts` without nulls."""
        numbers = texts.cast(self._type).to_physical().to_numpy()
        self._make_room(int(numbers.max(initial=0)) + 1)
        unseen = numbers[self._states[numbers] == _UNSEEN]
        if len(unseen):
            self._take(np.unique(unseen))
        return numbers

    def are_bad(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which are no values of the kind."""
        bad: NDArray[np.bool_] = self._states[numbers] == _BAD
        return bad

    def field(self, numbers: Numbers) -> Fixed:
        """The tokens of a column, null where the number is 0."""
        valid = numbers != 0
        return tokens_field(self._tokens[numbers], None if valid.all() else valid)

    def secrets(self, numbers: Numbers) -> dict[bytes, tuple[PersonalKind, str]]:
        """What the vault has to be told about a column of loaded rows: each value once."""
        if not self._fresh:
            return {}
        fresh = np.unique(numbers[self._states[numbers] == _FRESH])
        self._states[fresh] = _TOLD
        told = map(self._fresh.pop, fresh.tolist())
        return {token: (kind, value) for token, kind, value in told}

    def _make_room(self, size: int) -> None:
        more = size - len(self)
        if more > 0:
            self._states = np.concatenate((self._states, np.full(more, _UNSEEN, np.uint8)))
            self._tokens = np.concatenate((self._tokens, np.zeros(more, TOKEN)))

    def _take(self, numbers: Numbers) -> None:
        """Make the tokens of new values."""
        texts = pl.Series(numbers).cat.to(self._type).cast(pl.String)
        good = []
        for number, text, is_sure in zip(numbers.tolist(), texts, self._are_sure(texts), strict=True):
            try:
                kind, value = self._normal(text, is_sure=is_sure)
            except BadValue:
                continue
            self._fresh[number] = (self._tokeniser.digest(kind, value), kind, value)
            good.append(number)
        self._states[numbers] = _BAD
        self._states[good] = _FRESH
        self._tokens[good] = np.frombuffer(b"".join(self._fresh[number][0] for number in good), TOKEN)

    def _normal(self, text: str, *, is_sure: bool) -> tuple[PersonalKind, str]:
        return (PersonalKind.EMAIL, text.lower()) if is_sure else self._tokeniser.normalise(self._kind, text)

    def _are_sure(self, texts: pl.Series) -> pl.Series:
        """Which are addresses that lower case is enough for."""
        if self._kind not in (PersonalKind.EMAIL, PersonalKind.ENDPOINT):
            return pl.repeat(value=False, n=len(texts), dtype=pl.Boolean, eager=True)
        is_plain = texts.str.contains(_SURE_EMAIL) & (texts.str.len_bytes() <= _SURE_LENGTH)
        return is_plain & ~texts.str.contains(_SPECIAL)


class PersonalValues:
    """The personal values of one file."""

    def __init__(self, tokeniser: Tokeniser) -> None:
        self._tokeniser = tokeniser
        self._known: dict[PersonalKind, KnownValues] = {}

    def of(self, kind: PersonalKind) -> KnownValues:
        """What is known of the kind; numbers are those of the object that gave them."""
        known = self._known.get(kind)
        if known is None or len(known) > CACHED_VALUES:
            known = self._known[kind] = KnownValues(self._tokeniser, kind)
        return known
