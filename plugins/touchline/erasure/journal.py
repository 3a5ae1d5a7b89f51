"""Erasures are remembered apart from the database, so that a restored dump does not bring anybody back.

One file each in the folder `erasures` of the state folder: tokens and ids of accounts, no personal value. Back it up
with the keys, apart from the dumps.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from touchline.errors import TouchlineError
from touchline.settings import Settings

_KNOWN = text("select cast(erasure_id as text) from ops.erasures")


@dataclass(frozen=True)
class Tombstone:
    """What one person is recognised by; see vault.tombstones."""

    kind: str
    scope: str
    value: str
    key_version: int | None = None


@dataclass(frozen=True)
class Entry:
    """One erasure as it is remembered."""

    erasure_id: UUID
    asked_by: str
    reason: str
    identifiers: tuple[str, ...]
    customers: tuple[str, ...]
    tombstones: tuple[Tombstone, ...]


def keep(settings: Settings, entry: Entry) -> None:
    """Write the entry's file, whole or not at all, and see it on the disk."""
    folder = settings.erasures_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{entry.erasure_id}.json"
    half = path.with_suffix(".half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(entry) | {"erasure_id": str(entry.erasure_id)}, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def missing(settings: Settings, owner: Engine) -> list[Entry]:
    """Erasures that this database knows nothing of: it was restored, or one was killed before its end."""
    paths = {path.stem: path for path in sorted(settings.erasures_dir.glob("*.json"))}
    if not paths:
        return []
    with owner.connect() as connection:
        known = set(connection.scalars(_KNOWN))
    return [_read(path) for stem, path in paths.items() if stem not in known]


def require_applied(settings: Settings, owner: Engine) -> None:
    """Raise TouchlineError where persons are to be gone that this database may still hold."""
    if lacking := missing(settings, owner):
        raise TouchlineError(
            f"{len(lacking)} erasure(s) are not in this database: it was restored from an older dump,"
            " or an erasure was interrupted",
            where=str(settings.erasures_dir),
            todo="run `touchline erase --again`",
        )


def _read(path: Path) -> Entry:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        stones = tuple(Tombstone(**item) for item in document.pop("tombstones"))
        lists = (tuple(document["identifiers"]), tuple(document["customers"]))
        return Entry(UUID(document["erasure_id"]), document["asked_by"], document["reason"], *lists, stones)
    except (OSError, ValueError, TypeError, KeyError):
        raise TouchlineError(
            "The record of an erasure cannot be read", where=str(path), todo="bring it back from its back-up"
        ) from None
