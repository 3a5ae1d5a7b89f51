"""Finds the files of each export at its location, and says which of them have to wait."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.landing.stores import SETTLE_SECONDS, RemoteFile, Store
from touchline.mapping import Export, Source
from touchline.stamps import Stamp, stamp_of

UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
"""Names that programs give a file while they write it."""


@dataclass(frozen=True)
class ExportFile:
    """One file of one export; `name` is its path relative to the landing folder, or to the source's location."""

    source: Source
    export: Export
    path: Path | RemoteFile
    name: str

    @property
    def stamp(self) -> Stamp:
        """As listed, for a remote file; raises OSError for a local one that is gone."""
        return stamp_of(self.path) if isinstance(self.path, Path) else self.path.stamp


@dataclass(frozen=True)
class WaitingFile:
    """A file that is not read, for now or for good, and why. Its name can always be printed."""

    source: Source
    export: Export
    path: Path | RemoteFile
    name: str
    reason: str


@dataclass(frozen=True)
class Survey:
    """Files to read, in a stable order, and those that wait or are never read."""

    files: list[ExportFile]
    waiting: list[WaitingFile]


def survey(sources: Iterable[Source], place: Path | Store, settle_seconds: float = 0) -> Survey:
    """Every file that a source claims at `place`; those whose name starts with a dot belong to nobody.

    Files wait that are still being written (an unfinished name, or changed less than `settle_seconds` ago, at least 30
    in a store that shows a file while it grows), lead outside the location, or have a name that cannot be told.
    """
    found = Survey([], [])
    for file in _claimed(sources, place):
        if reason := _obstacle(file, place, settle_seconds):
            printable = file.name.encode("utf-8", "backslashreplace").decode()
            found.waiting.append(WaitingFile(file.source, file.export, file.path, printable, reason))
        else:
            found.files.append(file)
    return found


def _claimed(sources: Iterable[Source], place: Path | Store) -> Iterator[ExportFile]:
    for source in sources:
        for export in source.exports:
            try:
                found = {path for pattern in export.files for path in _matching(place, pattern)}
            except (NotImplementedError, ValueError) as error:
                where = f"source {source.source}, export {export.name}, files"
                raise TouchlineError(str(error), where=where, todo="give patterns below the location") from None
            for name, path in sorted(found, key=lambda item: item[0].split("/")):
                if not name.rpartition("/")[2].startswith("."):
                    yield ExportFile(source, export, path, name)


def _matching(place: Path | Store, pattern: str) -> Iterator[tuple[str, Path | RemoteFile]]:
    """(name, path) of the files that match."""
    if isinstance(place, Store):
        for file in place.files(pattern):
            yield file.name, file
    else:
        for path in place.glob(pattern):
            if path.is_file():
                yield path.relative_to(place).as_posix(), path


def _obstacle(file: ExportFile, place: Path | Store, settle_seconds: float) -> str:
    """Why the file is not read; empty if nothing is in the way."""
    try:
        file.name.encode()
        if isinstance(file.path, RemoteFile):
            obstacle = file.path.obstacle
        else:
            is_inside = file.path.resolve().is_relative_to(Path(str(place)).resolve())
            obstacle = "" if is_inside else "leads outside the landing folder"
        age = time.time() - file.stamp.modified_at.timestamp()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    except OSError as error:
        return error.strerror or "cannot be read"
    if obstacle or "\0" in file.name:
        return obstacle or "its name holds a NUL"
    if isinstance(place, Store):
        settle_seconds = 0 if place.shows_whole_files else max(settle_seconds, SETTLE_SECONDS)
    if file.name.lower().endswith(UNFINISHED_SUFFIXES):
        return "has the name of an unfinished file"
    # A time in the future (a wrong clock at the sender) must not hold a file back.
    return "is still being written" if 0 <= age < settle_seconds else ""
