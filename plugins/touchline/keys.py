"""Keys at work: tokens are made with one, values are sealed with another. `vault` says where they come from."""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from touchline.errors import TouchlineError

KEY_BYTES = 32
MAX_VERSION = 255
"""The version takes one byte of every ciphertext."""
_NONCE_BYTES = 12
_CHECKED = b"touchline key check"


class Purpose(StrEnum):
    """What a key is for."""

    TOKEN = "token"  # noqa: S105 - a purpose, no secret
    CIPHER = "cipher"


@dataclass(frozen=True)
class VaultKeys:
    """Keys by version. `token_version` names the one that makes tokens; the newest cipher key seals
    (AES-256-GCM), older ones still open what they sealed.
    """

    token_keys: Mapping[int, bytes] = field(repr=False)
    cipher_keys: Mapping[int, bytes] = field(repr=False)
    token_version: int

    @property
    def token_key(self) -> bytes:
        return self.token_keys[self.token_version]

    @property
    def newest_token_version(self) -> int:
        return max(self.token_keys)

    @property
    def cipher_version(self) -> int:
        """Version of the key that seals."""
        return max(self.cipher_keys)

    def making_tokens_of(self, version: int) -> "VaultKeys":
        """The same keys, with tokens made by another version."""
        if version not in self.token_keys:
            raise missing_key(Purpose.TOKEN, version)
        return replace(self, token_version=version)

    def encrypt(self, plain: bytes) -> bytes:
        """Version byte, nonce, ciphertext with its tag."""
        [sealed] = self.encrypt_all([plain])
        return sealed

    def encrypt_all(self, plain: Sequence[bytes]) -> list[bytes]:
        """Each of the values as `encrypt` seals it; their nonces are drawn at once."""
        drawn = os.urandom(_NONCE_BYTES * len(plain))
        nonces = [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]
        header, seal = self._header, self._sealing.encrypt
        return [header + nonce + seal(nonce, value, None) for nonce, value in zip(nonces, plain, strict=True)]

    def decrypt(self, sealed: bytes) -> bytes:
        """What `encrypt` was given; TouchlineError if its key is missing or another, or if a byte was changed."""
        version, nonce, ciphertext = sealed[0], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version not in self._ciphers:
            raise missing_key(Purpose.CIPHER, version)
        try:
            return self._ciphers[version].decrypt(nonce, ciphertext, None)
        except InvalidTag:
            raise TouchlineError(
                f"A sealed value does not open with cipher key version {version}: it was damaged, or the key is wrong",
                todo="compare the keys with `touchline keys verify`",
            ) from None

    def check_values(self) -> dict[tuple[Purpose, int], str]:
        """A value for each key that tells it from others and nothing about it."""
        keys = {Purpose.TOKEN: self.token_keys, Purpose.CIPHER: self.cipher_keys}
        return {
            (purpose, version): hmac.new(key, _CHECKED + purpose.encode(), hashlib.sha256).hexdigest()[:16]
            for purpose, versions in keys.items()
            for version, key in versions.items()
        }

    @cached_property
    def _ciphers(self) -> dict[int, AESGCM]:
        return {version: AESGCM(key) for version, key in self.cipher_keys.items()}

    @cached_property
    def _sealing(self) -> AESGCM:
        return self._ciphers[self.cipher_version]

    @cached_property
    def _header(self) -> bytes:
        return bytes((self.cipher_version,))


def missing_key(purpose: Purpose, version: int) -> TouchlineError:
    """The error of a key that is asked for and not at hand."""
    return TouchlineError(
        f"The {purpose} key version {version} is missing",
        where="TOUCHLINE_KEYS, TOUCHLINE_KEYS_FILE or the folder secrets/ of the state folder",
        todo="bring it back from the back-up of the keys: `touchline keys restore`",
    )
