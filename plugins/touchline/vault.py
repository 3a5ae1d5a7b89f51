"""Keys of the vault. They live outside the database and are backed up apart from it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from touchline.secret_files import keep_secret

KEY_VERSION = 1
_NONCE_BYTES = 12


@dataclass(frozen=True)
class VaultKeys:
    """`token_key` makes tokens, `cipher_key` encrypts values and quarantined records (AES-256-GCM)."""

    token_key: bytes
    cipher_key: bytes

    def encrypt(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.cipher_key).encrypt(nonce, plain, None)

    def decrypt(self, ciphertext: bytes) -> bytes:
        return AESGCM(self.cipher_key).decrypt(ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:], None)


def load_keys(folder: Path) -> VaultKeys:
    """The keys in `folder`, made at first use (mode 0600)."""
    return VaultKeys(*(bytes.fromhex(keep_secret(folder / name, _new_key)) for name in ("token_key", "cipher_key")))


def _new_key() -> str:
    return secrets.token_bytes(32).hex()
