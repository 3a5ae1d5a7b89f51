"""Files: delimited text, plain or gzip, byte for byte the same for the same records."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from touchline.synthetic.entities import Entity
from touchline.synthetic.render import Row

Record = list[str]


@dataclass
class ExportFile:
    """One file to write: its records in column order, and what was planted into them."""

    entity: Entity
    name: str
    records: list[Record]
    broken: dict[str, int] = field(default_factory=dict)
    bad_values: dict[str, list[str]] = field(default_factory=dict)
    repeated: int = 0
    older_versions: int = 0

    @property
    def relative_path(self) -> str:
        """Path below the output folder, with forward slashes."""
        return f"{self.entity.source}/{self.name}"


def to_records(entity: Entity, rows: Iterable[Row]) -> list[Record]:
    """Return rows in the entity's column order, absent columns empty."""
    return [[row.get(column, "") for column in entity.columns] for row in rows]


def one_file(entity: Entity, rows: Iterable[Row], name: str = "") -> ExportFile:
    """Return the rows as a single file named after the entity or, where it is an export of its own, `name`."""
    return ExportFile(entity, f"{name or entity.name}{entity.suffix}", to_records(entity, rows))


def monthly_files(
    entity: Entity, rows: Iterable[Row], month_of: Callable[[Row], str], name: str = ""
) -> list[ExportFile]:
    """Return the rows as one file per month, named after the entity or, where it is an export of its own, `name`."""
    by_month: dict[str, list[Row]] = {}
    for row in rows:
        by_month.setdefault(month_of(row), []).append(row)
    return [
        ExportFile(entity, f"{name or entity.name}_{month}{entity.suffix}", to_records(entity, by_month[month]))
        for month in sorted(by_month)
    ]


def write(file: ExportFile, out_dir: Path) -> Path:
    """Write one file with its header and return its path."""
    path = out_dir / file.entity.source / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=file.entity.delimiter, lineterminator="\n")
    writer.writerow(file.entity.columns)
    writer.writerows(file.records)
    content = text.getvalue().encode()
    # A gzip header carries a time; zero keeps equal content equal in bytes.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
