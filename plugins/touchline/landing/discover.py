"""Finds the files of each export below the landing folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from touchline.mapping import Export, Source


@dataclass(frozen=True)
class ExportFile:
    """One file of one export; `name` is its path relative to the landing folder."""

    source: Source
    export: Export
    path: Path
    name: str


def discover(sources: Iterable[Source], landing: Path) -> Iterator[ExportFile]:
    """Every file that a source claims, in a stable order. Files whose name starts with a dot are never read."""
    for source in sources:
        for export in source.exports:
            paths = {path for pattern in export.files for path in landing.glob(pattern)}
            for path in sorted(paths):
                if path.is_file() and not path.name.startswith("."):
                    yield ExportFile(source, export, path, path.relative_to(landing).as_posix())
