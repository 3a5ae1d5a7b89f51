"""Keys of the vault. They live outside the database and are backed up apart from it: as files of the state folder,
or as one document out of the environment.

The document is JSON, `{"touchline_keys": 1, "token": {"1": "<64 hex digits>"}, "cipher": {…}}`: what
`touchline keys backup` writes is what TOUCHLINE_KEYS_FILE and TOUCHLINE_KEYS take.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from touchline.errors import TouchlineError
from touchline.keys import KEY_BYTES, MAX_VERSION, Purpose, VaultKeys
from touchline.secret_files import keep_secret
from touchline.settings import Settings

FORMAT = 1
_FIRST = 1


def find_keys(settings: Settings) -> VaultKeys | None:
    """The keys at hand; None where nobody has made any yet."""
    if settings.keys and settings.keys_file:
        raise TouchlineError("TOUCHLINE_KEYS and TOUCHLINE_KEYS_FILE are both set", todo="set one of them")
    if settings.keys:
        return _parse(settings.keys.get_secret_value(), "TOUCHLINE_KEYS")
    if settings.keys_file:
        return read_document(settings.keys_file)
    found = {purpose: _in_folder(settings.secrets_dir, purpose) for purpose in Purpose}
    if not all(found.values()):
        return None
    return _keys(found)


def load_keys(folder: Path) -> VaultKeys:
    """The keys in `folder` (mode 0600), version 1 of each made at first use."""
    found = {purpose: _in_folder(folder, purpose) for purpose in Purpose}
    known = {version for versions in found.values() for version in versions}
    for purpose, versions in found.items():
        if not versions:
            if known - {_FIRST}:
                raise TouchlineError(
                    f"The {purpose} keys are missing, though there are others",
                    where=str(folder),
                    todo="bring them back from the back-up of the keys",
                )
            versions[_FIRST] = _read(_path(folder, purpose, _FIRST))
    return _keys(found)


def rotate(settings: Settings) -> int:
    """Make the next version of both keys; returns its number."""
    if settings.keys or settings.keys_file:
        raise TouchlineError(
            "The keys come from the environment, so they are not changed here",
            where="TOUCHLINE_KEYS or TOUCHLINE_KEYS_FILE",
            todo='add the next version of "token" and "cipher" to the document, 32 random bytes in hexadecimal each',
        )
    keys = load_keys(settings.secrets_dir)
    version = max(keys.newest_token_version, keys.cipher_version) + 1
    if version > MAX_VERSION:
        raise TouchlineError(f"There can be no key version beyond {MAX_VERSION}", where=str(settings.secrets_dir))
    for purpose in Purpose:
        _read(_path(settings.secrets_dir, purpose, version))
    return version


def write_document(keys: VaultKeys, path: Path) -> None:
    """Write a back-up of the keys to a file that does not exist yet (mode 0600)."""
    text = json.dumps(
        {
            "touchline_keys": FORMAT,
            Purpose.TOKEN: {str(version): key.hex() for version, key in sorted(keys.token_keys.items())},
            Purpose.CIPHER: {str(version): key.hex() for version, key in sorted(keys.cipher_keys.items())},
        },
        indent=2,
    )
    try:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise TouchlineError(f"The keys cannot be written: {error.strerror}", where=str(path)) from None
    with os.fdopen(target, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_document(path: Path) -> VaultKeys:
    """The keys of a back-up."""
    try:
        return _parse(path.read_text(encoding="ascii"), str(path))
    except (OSError, UnicodeDecodeError):
        raise TouchlineError("The keys cannot be read", where=str(path)) from None


def restore(keys: VaultKeys, folder: Path) -> int:
    """Put keys that `folder` lacks there; returns how many. A file that holds another key is never overwritten."""
    added = 0
    wanted = {Purpose.TOKEN: keys.token_keys, Purpose.CIPHER: keys.cipher_keys}
    for purpose, versions in wanted.items():
        for version, key in sorted(versions.items()):
            path = _path(folder, purpose, version)
            added += not path.exists()
            if bytes.fromhex(keep_secret(path, key.hex)) != key:
                todo = "move that file away first, unless the back-up is the wrong one"
                raise TouchlineError(f"Another {purpose} key version {version} is there", where=str(path), todo=todo)
    return added


def _path(folder: Path, purpose: Purpose, version: int) -> Path:
    return folder / (f"{purpose}_key" if version == _FIRST else f"{purpose}_key_{version}")


def _in_folder(folder: Path, purpose: Purpose) -> dict[int, bytes]:
    numbers = [path.name.removeprefix(f"{purpose}_key_") for path in folder.glob(f"{purpose}_key_*")]
    versions = [_FIRST, *sorted(int(number) for number in numbers if number.isdecimal())]
    paths = {version: _path(folder, purpose, version) for version in versions}
    return {version: _read(path) for version, path in paths.items() if path.exists()}


def _read(path: Path) -> bytes:
    """The key in a file, made at first use."""
    return _key(keep_secret(path, lambda: secrets.token_bytes(KEY_BYTES).hex()), str(path))


def _key(text: Any, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except (TypeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise TouchlineError("Not a key: it takes 64 hexadecimal digits", where=where)
    return key


def _parse(text: str, where: str) -> VaultKeys:
    # An error of the JSON library would carry the text, and with it the keys.
    try:
        document = json.loads(text)
        is_known = document["touchline_keys"] == FORMAT
        found = {purpose: dict(document[purpose]) for purpose in Purpose}
        versions = {purpose: {int(version): key for version, key in keys.items()} for purpose, keys in found.items()}
    except (ValueError, TypeError, KeyError):
        is_known = False
    if not is_known:
        raise TouchlineError("Not a document of keys", where=where, todo="see `touchline keys backup`")
    return _keys(
        {
            purpose: {version: _key(key, f"{where}, {purpose} {version}") for version, key in keys.items()}
            for purpose, keys in versions.items()
        }
    )


def _keys(found: Mapping[Purpose, Mapping[int, bytes]]) -> VaultKeys:
    versions = [version for keys in found.values() for version in keys]
    if not all(found.values()) or not 1 <= min(versions) <= max(versions) <= MAX_VERSION:
        raise TouchlineError(f"Keys need versions from 1 to {MAX_VERSION}, at least one of each purpose")
    return VaultKeys(found[Purpose.TOKEN], found[Purpose.CIPHER], max(found[Purpose.TOKEN]))
