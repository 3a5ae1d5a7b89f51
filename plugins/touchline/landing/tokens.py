"""Personal values become keyed tokens: HMAC-SHA-256 of the normalised value, cut to 16 bytes."""

import hashlib
import unicodedata
from collections.abc import Callable
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from touchline.contracts import PersonalKind
from touchline.landing.values import BadValue

NORMALISER_VERSION = 1
_BLOCK = hashlib.sha256().block_size


class Tokeniser:
    """Normalises and tokenises; the same person's value gives the same token in every source.

    `region` is the ISO 3166 region of phone numbers written without a country code.
    """

    def __init__(self, key: bytes, region: str | None) -> None:
        # HMAC by hand: both halves of the key, and the kind, are taken in once, not for every value.
        padded = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\x00")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._inner = {kind: _begun(inner, f"{kind}\x1f") for kind in PersonalKind}
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        self._region = region

    def token(self, kind: PersonalKind, text: str) -> tuple[UUID, PersonalKind, str]:
        """(token, kind it was normalised as, normalised value); raises BadValue."""
        kind, value = self.normalise(kind, text)
        return UUID(bytes=self.digest(kind, value)), kind, value

    def digest(self, kind: PersonalKind, value: str) -> bytes:
        """The token of a normalised value, as 16 bytes."""
        inner = self._inner[kind].copy()
        inner.update(value.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()[:16]

    def normalise(self, kind: PersonalKind, text: str) -> tuple[PersonalKind, str]:
        """The value as two people would have to write it to mean the same."""
        if kind is PersonalKind.ENDPOINT:
            kind = PersonalKind.EMAIL if "@" in text else PersonalKind.PHONE
        return kind, _NORMALISERS[kind](text, self._region)


def _begun(digest: "hashlib._Hash", text: str) -> "hashlib._Hash":
    begun = digest.copy()
    begun.update(text.encode())
    return begun


def _email(text: str, _region: str | None) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized.casefold()
    except EmailNotValidError:
        raise BadValue("not an e-mail address") from None


def _phone(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise BadValue("not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise BadValue("not a phone number in use")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain(text: str, _region: str | None) -> str:
    if "\x00" in text:
        raise BadValue("contains a NUL character")
    return unicodedata.normalize("NFC", text)


_NORMALISERS: dict[PersonalKind, Callable[[str, str | None], str]] = {
    PersonalKind.EMAIL: _email,
    PersonalKind.PHONE: _phone,
    PersonalKind.TEXT: _plain,
}
