"""Stores other than the local disk, through fsspec: their files are listed, and read once."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fsspec import get_filesystem_class  # type: ignore[import-untyped]
from upath import UPath

from touchline.connections import Connection
from touchline.errors import TouchlineError
from touchline.landing.store_errors import LocationError, told
from touchline.landing.store_options import options_of
from touchline.stamps import Stamp

APPEAR_WHOLE = frozenset({"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"})
"""Protocols of stores in which a file exists once it is complete. Elsewhere it can be seen while it grows."""
SETTLE_SECONDS = 30
"""How long a file of any other store must have been left alone: uploads over a network pause."""
_EXTRAS = {"s3": "s3", "s3a": "s3", "sftp": "sftp", "ssh": "sftp"}
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modify", "created")
"""Where drivers put the time of the last change; `memory` knows the time of creation only."""
_TALKATIVE = ("aiobotocore", "asyncssh", "boto3", "botocore", "fsspec", "s3fs", "sshfs")


@dataclass(frozen=True)
class RemoteFile:
    """A file as its store lists it; `obstacle` says why it must not be read."""

    store: "Store" = field(repr=False, compare=False)
    key: str
    stamp: Stamp
    obstacle: str = ""

    @property
    def name(self) -> str:
        """The path relative to the location."""
        return self.key.removeprefix(self.store.root).lstrip("/")

    def __str__(self) -> str:
        return f"{self.store.location}/{self.name}"


class Store:
    """One location of one source. Each folder is listed once in the life of this object."""

    def __init__(self, location: str, connection: Connection | None, spool: Path) -> None:
        self.location = location.rstrip("/")
        self.connection = connection
        self.spool = spool
        protocol = urlsplit(location).scheme
        self.shows_whole_files = protocol in APPEAR_WHOLE
        self._listings: dict[str, list[dict[str, Any]]] = {}
        for name in _TALKATIVE:
            # What drivers tell of their work may hold what they log in with.
            logging.getLogger(name).setLevel(logging.WARNING)
        with told(location, connection):
            try:
                _check_driver(protocol, location)
                root = UPath(location, **options_of(location, protocol, connection))
                self.fs = root.fs
            except ImportError as error:
                raise _missing_driver(protocol, location, error) from None
        self.root = str(root.path).rstrip("/")

    def files(self, pattern: str) -> Iterator[RemoteFile]:
        """Files that match, as `Path.glob` would find them; links are not followed. Raises TouchlineError."""
        parts = pattern.split("/")
        if pattern.startswith("/") or any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"Not a pattern below a location: {pattern!r}")
        with told(self.location, self.connection):
            yield from self._matches(self.root, parts)

    def file(self, name: str) -> RemoteFile:
        """The file of this name."""
        key = f"{self.root}/{name}"
        with told(f"{self.location}/{name}", self.connection):
            return RemoteFile(self, key, self.stamp(key))

    def stamp(self, key: str) -> Stamp:
        """The stamp of a file as it is now; raises whatever the driver raises."""
        return _stamp(self.fs.info(key), self.location)

    def _matches(self, folder: str, parts: list[str]) -> Iterator[RemoteFile]:
        part, rest = parts[0], parts[1:]
        if rest and self.shows_whole_files and not re.search(r"[*?\[]", part):
            # Object stores have no links that could lead elsewhere: no need to look.
            yield from self._matches(f"{folder}/{part}", rest)
            return
        if part == "**" and rest:
            yield from self._matches(folder, rest)
        for info in self._entries(folder):
            key = str(info["name"]).rstrip("/")
            name = key.rpartition("/")[2]
            is_folder = info.get("type") == "directory"
            if part == "**" and rest and is_folder:
                yield from self._matches(key, parts)
            elif part != "**" and fnmatchcase(name, part) and bool(rest) == is_folder:
                yield from self._matches(key, rest) if rest else [self._file(key, info)]

    def _file(self, key: str, info: dict[str, Any]) -> RemoteFile:
        kind = info.get("type")
        obstacle = "" if kind == "file" else "is a link, which is not followed" if kind == "link" else "is no file"
        return RemoteFile(self, key, _stamp(info, self.location), obstacle)

    def _entries(self, folder: str) -> list[dict[str, Any]]:
        if folder not in self._listings:
            try:
                found = self.fs.ls(folder, detail=True)
            except FileNotFoundError as error:
                if self._is_missing(error):
                    raise
                found = []
            self._listings[folder] = [info for info in found if str(info["name"]).rstrip("/") != folder.rstrip("/")]
        return self._listings[folder]

    def _is_missing(self, error: FileNotFoundError) -> bool:
        """Whether the location itself is missing; an object store has no empty folders, only missing buckets."""
        if not self.shows_whole_files:
            return not self.fs.exists(self.root or "/")
        return "NoSuchBucket" in repr(error.__cause__)


def _stamp(info: Mapping[str, Any], where: str) -> Stamp:
    moment = next((info[key] for key in _TIMES if info.get(key) is not None), None)
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, int | float):
        moment = datetime.fromtimestamp(moment, UTC)
    if not isinstance(moment, datetime) or info.get("size") is None:
        todo = "copy its exports to a store that does, e.g. S3 or SFTP"
        raise TouchlineError("The store does not tell sizes and times of change", where=where, todo=todo)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    etag = info.get("ETag") or info.get("etag")
    return Stamp(int(info["size"]), moment.astimezone(UTC), str(etag).strip('"') if etag else None)


def _check_driver(protocol: str, location: str) -> None:
    """fsspec's own driver for SFTP would trust any host key."""
    if _EXTRAS.get(protocol) == "sftp" and not get_filesystem_class(protocol).__module__.startswith("sshfs"):
        raise _missing_driver(protocol, location, None)


def _missing_driver(protocol: str, location: str, error: ImportError | None) -> LocationError:
    extra = _EXTRAS.get(protocol)
    todo = f"pip install 'touchline[{extra}]'" if extra else str(error)
    return LocationError(f"The driver for {protocol}:// is not installed", where=location, todo=todo)
