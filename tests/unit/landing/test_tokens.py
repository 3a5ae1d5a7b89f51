"""Tokens: the same person's value gives one token however it is written, and never without the key."""

import hashlib
import hmac
from uuid import UUID

import pytest

from touchline.contracts import PersonalKind
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue
from touchline.vault import load_keys

TOKENISER = Tokeniser(b"k" * 32, "US")


def test_token_is_the_hmac_of_kind_and_normalised_value() -> None:
    digest = hmac.new(b"k" * 32, b"email\x1fanna.smith@example.com", hashlib.sha256).digest()
    token, kind, value = TOKENISER.token(PersonalKind.EMAIL, "Anna.Smith@Example.COM")
    assert (token, kind, value) == (UUID(bytes=digest[:16]), PersonalKind.EMAIL, "anna.smith@example.com")


@pytest.mark.parametrize("text", ["+1 (212) 555-0123", "2125550123", "212-555-0123", "+12125550123"])
def test_phones_become_e164(text: str) -> None:
    assert TOKENISER.normalise(PersonalKind.PHONE, text)[1] == "+12125550123"
    assert TOKENISER.token(PersonalKind.ENDPOINT, text)[0] == TOKENISER.token(PersonalKind.PHONE, "2125550123")[0]


def test_an_endpoint_may_be_an_address() -> None:
    assert TOKENISER.normalise(PersonalKind.ENDPOINT, "A@Example.org") == (PersonalKind.EMAIL, "a@example.org")


@pytest.mark.parametrize(
    ("kind", "text"),
    [(PersonalKind.EMAIL, "anna.example.com"), (PersonalKind.PHONE, "12"), (PersonalKind.PHONE, "none")],
)
def test_what_is_no_identifier(kind: PersonalKind, text: str) -> None:
    with pytest.raises(BadValue):
        TOKENISER.token(kind, text)


def test_another_key_gives_another_token() -> None:
    other = Tokeniser(b"x" * 32, "US")
    assert (
        other.token(PersonalKind.EMAIL, "a@example.org")[0] != TOKENISER.token(PersonalKind.EMAIL, "a@example.org")[0]
    )


def test_keys_are_made_once_and_private(tmp_path) -> None:
    first, second = load_keys(tmp_path / "secrets"), load_keys(tmp_path / "secrets")
    assert first == second
    assert first.token_keys != first.cipher_keys
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_sealed_bytes_open_again_and_differ_each_time(tmp_path) -> None:
    keys = load_keys(tmp_path)
    sealed = keys.encrypt(b"record")
    assert keys.decrypt(sealed) == b"record"
    assert b"record" not in sealed
    assert sealed != keys.encrypt(b"record")
