"""Opens plain, gzip and zip files as texts, within limits; what is damaged or hostile is refused."""

import gzip
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from touchline.errors import TouchlineError
from touchline.landing.limits import FREE_BYTES, MIB, Limits

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_MAGICS = {
    "zstd": rb"\x28\xb5\x2f\xfd",
    "bzip2": rb"BZh\d1AY&SY",
    "xz": rb"\xfd7zXZ\x00",
    "7z": rb"7z\xbc\xaf\x27\x1c",
    "rar": rb"Rar!\x1a\x07",
}
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)
_UNREADABLE = (*_DAMAGE, ValueError, OverflowError, NotImplementedError, struct.error)
_AGAIN = "deliver the file again"
_NO_NESTING = "deliver it as plain text, .gz or .zip, compressed once"


@dataclass(frozen=True)
class Member:
    """One text of a delivered file: the file itself (no name), or a file of a zip. It can be opened again."""

    name: str | None
    open: Callable[[], io.BufferedReader]


@contextmanager
def open_members(path: Path, patterns: Sequence[str], limits: Limits) -> Iterator[list[Member]]:
    """The texts of a file, zip members in the order of their names; raises TouchlineError."""
    with path.open("rb") as raw:
        magic = raw.read(10)
    _refuse_others(magic, str(path))
    if magic == GZIP_MAGIC[:1]:
        raise TouchlineError("The archive is damaged: one byte of it is left", where=str(path), todo=_AGAIN)
    if magic.startswith(ZIP_MAGICS):
        with open_zip(path, limits) as archive:
            infos = _matching(archive, patterns, str(path))
            yield [Member(info.filename, lambda info=info: _open_member(archive, info, path)) for info in infos]  # type: ignore[misc]
    elif magic.startswith(GZIP_MAGIC):
        yield [Member(None, lambda: _open_gzip(path, limits))]
    else:
        yield [Member(None, lambda: io.BufferedReader(path.open("rb", buffering=0), MIB))]


@contextmanager
def open_zip(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """A zip all of whose entries are harmless."""
    try:
        archive = zipfile.ZipFile(path)
    except _UNREADABLE as error:
        raise TouchlineError(f"The archive is damaged: {error}", where=str(path), todo=_AGAIN) from error
    with archive:
        infos = archive.infolist()
        if len(infos) > limits.max_archive_members:
            raise TouchlineError(
                f"The archive has {len(infos)} members, more than {limits.max_archive_members}",
                where=str(path),
                todo="split it, or raise TOUCHLINE_MAX_ARCHIVE_MEMBERS",
            )
        for info in infos:
            _check_entry(info, str(path))
        # A member never gives more than its declared size, so that the sum bounds what is read.
        _check_size(sum(info.file_size for info in infos), path.stat().st_size, limits, str(path))
        yield archive


def _check_entry(info: zipfile.ZipInfo, where: str) -> None:
    name = info.filename.replace("\\", "/")
    fault = None
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in PurePosixPath(name).parts:
        fault = "a name that leads outside the archive"
    elif stat.S_ISLNK(info.external_attr >> 16):
        fault = "a symbolic link"
    elif info.flag_bits & 1:
        fault = "encrypted content"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = f"compression method {info.compress_type}, which is not read"
    if fault:
        raise TouchlineError(f"Member {info.filename!r} has {fault}", where=where, todo="deliver an ordinary zip")


def _matching(archive: zipfile.ZipFile, patterns: Sequence[str], where: str) -> list[zipfile.ZipInfo]:
    """Members that match a pattern; hidden ones and what macOS adds are left out."""
    found = []
    for info in archive.infolist():
        name = PurePosixPath(info.filename)
        hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
        if not info.is_dir() and not hidden and any(name.match(pattern) for pattern in patterns):
            found.append(info)
    if not found:
        raise TouchlineError(
            f"No member of the archive matches {', '.join(patterns)}", where=where, todo="set `members` of the format"
        )
    return sorted(found, key=lambda info: info.filename)


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> io.BufferedReader:
    where = f"{path}, member {info.filename!r}"
    try:
        source = archive.open(info)
    except _UNREADABLE as error:
        raise TouchlineError(f"The archive is damaged: {error}", where=where, todo=_AGAIN) from error
    return _unnested(io.BufferedReader(_Unpacked(source, where), MIB), where)  # type: ignore[arg-type]


def _open_gzip(path: Path, limits: Limits) -> io.BufferedReader:
    size = path.stat().st_size
    source = gzip.GzipFile(path, "rb")
    unpacked = _Unpacked(source, str(path), lambda total: _check_size(total, size, limits, str(path)))  # type: ignore[arg-type]
    return _unnested(io.BufferedReader(unpacked, MIB), str(path))


class _Unpacked(io.RawIOBase):
    """What comes out of a decompressor: in whole buffers, counted, its errors told to the user."""

    def __init__(self, source: BinaryIO, where: str, check: Callable[[int], None] = lambda _total: None) -> None:
        self._source = source
        self._where = where
        self._check = check
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        try:
            while filled < len(buffer) and (chunk := self._source.read(len(buffer) - filled)):
                buffer[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        except _DAMAGE as error:
            raise TouchlineError(f"The archive is damaged: {error}", where=self._where, todo=_AGAIN) from error
        self._total += filled
        self._check(self._total)
        return filled

    def close(self) -> None:
        self._source.close()
        super().close()


def _check_size(total: int, compressed: int, limits: Limits, where: str) -> None:
    if total > limits.max_uncompressed_bytes:
        raise TouchlineError(
            f"The archive holds more than {limits.max_uncompressed_bytes} bytes",
            where=where,
            todo="split the export, or raise TOUCHLINE_MAX_UNCOMPRESSED_BYTES",
        )
    if total > max(FREE_BYTES, limits.max_compression_ratio * compressed):
        raise TouchlineError(
            f"The archive grows to more than {limits.max_compression_ratio} times its size",
            where=where,
            todo="deliver it uncompressed, or raise TOUCHLINE_MAX_COMPRESSION_RATIO if it is genuine",
        )


def _unnested(stream: io.BufferedReader, where: str) -> io.BufferedReader:
    try:
        magic = stream.peek(10)[:10]
        _refuse_others(magic, where)
        if magic.startswith((GZIP_MAGIC, *ZIP_MAGICS)):
            raise TouchlineError("An archive inside an archive is not read", where=where, todo=_NO_NESTING)
    except TouchlineError:
        stream.close()
        raise
    return stream


def _refuse_others(magic: bytes, where: str) -> None:
    for name, pattern in _OTHER_MAGICS.items():
        if re.match(pattern, magic):
            raise TouchlineError(f"Compression with {name} is not read", where=where, todo=_NO_NESTING)
