"""Keys of the vault. They live outside the database and are backed up apart from it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
    return VaultKeys(_key(folder / "token_key"), _key(folder / "cipher_key"))


def _key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    key = secrets.token_bytes(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex())
    return key
