"""Finds the files of each export below the landing folder, and says which of them have to wait."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import TouchlineError
from touchline.mapping import Export, Source

UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
"""Names that programs give a file while they write it."""


@dataclass(frozen=True)
class ExportFile:
    """One file of one export; `name` is its path relative to the landing folder."""

    source: Source
    export: Export
    path: Path
    name: str


@dataclass(frozen=True)
class WaitingFile:
    """A file that is not read, for now or for good, and why. Its name can always be printed."""

    source: Source
    export: Export
    path: Path
    name: str
    reason: str


def discover(sources: Iterable[Source], landing: Path, settle_seconds: float = 0) -> Iterator[ExportFile]:
    """Every file that a source claims and that can be read now, in a stable order.

    Files whose name starts with a dot are never read; those of `waiting` are passed over.
    """
    for file in _claimed(sources, landing):
        if not _obstacle(file, landing, settle_seconds):
            yield file


def waiting(sources: Iterable[Source], landing: Path, settle_seconds: float = 0) -> Iterator[WaitingFile]:
    """Files that `discover` passes over with the same arguments.

    They are still being written (an unfinished name, or changed less than `settle_seconds` ago), lead outside the
    landing folder, or have a name that is not UTF-8.
    """
    for file in _claimed(sources, landing):
        if reason := _obstacle(file, landing, settle_seconds):
            printable = file.name.encode("utf-8", "backslashreplace").decode()
            yield WaitingFile(file.source, file.export, file.path, printable, reason)


def _claimed(sources: Iterable[Source], landing: Path) -> Iterator[ExportFile]:
    for source in sources:
        for export in source.exports:
            try:
                paths = {path for pattern in export.files for path in landing.glob(pattern)}
            except (NotImplementedError, ValueError) as error:
                where = f"source {source.source}, export {export.name}, files"
                raise TouchlineError(str(error), where=where, todo="give patterns below the landing folder") from None
            for path in sorted(paths):
                if path.is_file() and not path.name.startswith("."):
                    yield ExportFile(source, export, path, path.relative_to(landing).as_posix())


def _obstacle(file: ExportFile, landing: Path, settle_seconds: float) -> str:
    """Why the file is not read; empty if nothing is in the way."""
    try:
        file.name.encode()
        if not file.path.resolve().is_relative_to(landing.resolve()):
            return "leads outside the landing folder"
        age = time.time() - file.path.stat().st_mtime
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    except OSError as error:
        return error.strerror or "cannot be read"
    if file.path.name.lower().endswith(UNFINISHED_SUFFIXES):
        return "has the name of an unfinished file"
    # A time in the future (a wrong clock at the sender) must not hold a file back.
    return "is still being written" if 0 <= age < settle_seconds else ""
