"""Files ready to be read: a local one as it lies, a remote one as a private copy that lives as long as it is read."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from touchline.errors import TouchlineError
from touchline.landing.store_errors import LocationError, told
from touchline.landing.stores import RemoteFile
from touchline.stamps import Stamp, stamp_of

_CHUNK = 4 << 20
_RESERVE_BYTES = 256 << 20
"""Of the disk, left free for everything else."""
_PREFIX = "fetched-"


@dataclass(frozen=True)
class Delivered:
    """A file that can be read from the local disk: `path` holds the bytes of this stamp."""

    path: Path
    stamp: Stamp
    digest: Future[str]
    origin: Path | RemoteFile

    @property
    def sha256(self) -> str:
        """The digest of the bytes; waits until they are all read. Raises LocationError if they cannot be."""
        with told(str(self.origin), None):
            return self.digest.result()

    def confirm(self) -> None:
        """Raise LocationError if the bytes may have changed while they were read. A copy cannot."""
        if isinstance(self.origin, RemoteFile):
            return
        with told(str(self.origin), None):
            now = stamp_of(self.origin)
        if not now.is_same(self.stamp):
            raise _changed(str(self.origin))

    def named(self, error: TouchlineError) -> TouchlineError:
        """The error with the origin's name in the place of the copy's."""
        return _named(error, self.path, self.origin)


@contextmanager
def delivered(origin: Path | RemoteFile) -> Iterator[Delivered]:
    """The file, ready to be read. A remote one is fetched once; its copy is gone afterwards, whatever happens.

    The digest of a local one is taken aside, while others read the file: what is done with either holds only if the
    bytes did not change until both were read (`confirm`).
    Raises LocationError if it cannot be had; errors raised within name the origin, not the copy.
    """
    if isinstance(origin, Path):
        with told(str(origin), None):
            stamp = stamp_of(origin)
        with ThreadPoolExecutor(1, "digest") as aside:
            yield Delivered(origin, stamp, aside.submit(sha256, origin), origin)
        return
    with fetched(origin) as (path, found):
        digest: Future[str] = Future()
        digest.set_result(found)
        yield Delivered(path, origin.stamp, digest, origin)


@contextmanager
def fetched(file: RemoteFile, at_most: int | None = None) -> Iterator[tuple[Path, str]]:
    """(private copy, sha-256) of a remote file, or of its first `at_most` bytes."""
    size = file.stamp.size if at_most is None else min(at_most, file.stamp.size)
    spool = file.store.spool
    with told(str(spool), None):
        descriptor, path = _new_copy(spool, file.key)
    try:
        with os.fdopen(descriptor, "wb") as copy:  # kept open: its lock says that the copy is in use
            _check_room(spool, size)
            with told(str(file), file.store.connection):
                digest = _copy(file, copy, size)
                if at_most is None and not file.store.stamp(file.key).is_same(file.stamp):
                    raise _changed(str(file))
            yield path, digest
    except TouchlineError as error:
        raise _named(error, path, file) from None
    finally:
        path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Digest of the file's bytes as delivered."""
    digest, room = hashlib.sha256(), memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as stream:
        # In large pieces: between two of them a thread waits for its turn.
        while size := stream.readinto(room):
            digest.update(room[:size])
    return digest.hexdigest()


def _copy(file: RemoteFile, copy: BinaryIO, size: int) -> str:
    """Copy `size` bytes and no more, whatever the server sends; returns their digest."""
    digest, left = hashlib.sha256(), size
    with file.store.fs.open(file.key, "rb") as stream:
        while left and (chunk := stream.read(min(_CHUNK, left))):
            copy.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    copy.flush()
    if left:
        raise _changed(str(file))
    return digest.hexdigest()


def _new_copy(spool: Path, key: str) -> tuple[int, Path]:
    """An empty locked file, mode 0600. Copies that no process holds, left by one that was killed, are removed first."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The library for xlsx goes by the suffix.
    suffix = PurePosixPath(key).suffix
    suffix = suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
    with (spool / ".lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        sweep(spool)
        descriptor, name = tempfile.mkstemp(suffix, _PREFIX, spool)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor, Path(name)


def sweep(spool: Path) -> None:
    """Remove the copies that no process holds, left by one that was killed."""
    for path in spool.glob(f"{_PREFIX}*"):
        _remove_unless_held(path)


def _remove_unless_held(path: Path) -> None:
    with suppress(OSError), path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _check_room(spool: Path, size: int) -> None:
    free = shutil.disk_usage(spool).free
    if free < size + _RESERVE_BYTES:
        todo = "make room, or set TOUCHLINE_SPOOL to a folder of a larger disk"
        raise LocationError(f"{size} bytes are to be fetched, and {free} are free", where=str(spool), todo=todo)


def _named(error: TouchlineError, path: Path, origin: Path | RemoteFile) -> TouchlineError:
    where = error.where and error.where.replace(str(path), str(origin))
    return type(error)(error.what.replace(str(path), str(origin)), where=where, todo=error.todo)


def _changed(where: str) -> LocationError:
    return LocationError("The file changed while it was read", where=where, todo="the next run reads it anew")
