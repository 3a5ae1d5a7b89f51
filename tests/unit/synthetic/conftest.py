"""One generated world shared by the tests, read back and judged by the contract files alone."""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
import yaml

from touchline.synthetic import GeneratedExports, generate

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
KINDS = {"store_pos": "pos", "service_crm": "crm", "voice_center": "call_center"}
Row = dict[str, str]


@dataclass
class ReadFile:
    """One export file read back: header, valid rows, and rejected records by reason."""

    header: list[str]
    rows: list[Row]
    rejected: Counter[str]


@dataclass
class World:
    """The generated exports and their truth; files are parsed once."""

    root: Path
    exports: GeneratedExports
    truth: dict[str, Any]
    _read: dict[Path, ReadFile] = field(default_factory=dict)

    def paths(self, source: str, entity: str) -> list[Path]:
        """Return the files of one entity in order of name, whatever export they belong to."""
        names = (name for name, file in self.truth["files"].items() if file["entity"] == entity)
        return sorted(self.root / name for name in names if name.startswith(f"{source}/"))

    def contract_columns(self, source: str, entity: str) -> list[str]:
        """Return the column names of an entity's contract, in order."""
        return [column["name"] for column in contract_properties(source, entity)]

    def file(self, path: Path) -> ReadFile:
        """Return one file parsed and judged by its contract."""
        if path not in self._read:
            entity = self.truth["files"][path.relative_to(self.root).as_posix()]["entity"]
            self._read[path] = read_file(path, entity)
        return self._read[path]

    def rows(self, source: str, entity: str) -> list[Row]:
        """Return the valid rows of all files of one entity."""
        return [row for path in self.paths(source, entity) for row in self.file(path).rows]


def contract_properties(source: str, entity: str) -> list[dict[str, Any]]:
    """Return the columns of an entity's contract, in order."""
    path = CONTRACTS / KINDS[source] / f"{entity}.odcs.yaml"
    properties: list[dict[str, Any]] = yaml.safe_load(path.read_text())["schema"][0]["properties"]
    return properties


def open_text(path: Path) -> io.StringIO:
    """Return the file's text, unpacked."""
    content = path.read_bytes()
    return io.StringIO((gzip.decompress(content) if path.suffix == ".gz" else content).decode(), newline="")


def read_file(path: Path, entity: str) -> ReadFile:
    """Parse one file of an entity and sort its records into valid ones and rejected ones."""
    properties = contract_properties(path.parent.name, entity)
    delimiter = "\t" if path.suffix == ".tsv" else ","
    reader = csv.reader(open_text(path), delimiter=delimiter)
    result = ReadFile(next(reader), [], Counter())
    for record in reader:
        reason = fault_of(record, properties)
        if reason:
            result.rejected[reason] += 1
        else:
            result.rows.append(dict(zip(result.header, record, strict=True)))
    return result


def fault_of(record: list[str], properties: list[dict[str, Any]]) -> str | None:
    """Return why the contract rejects a record, or None."""
    if len(record) != len(properties):
        return "too_many_fields"
    for text, column in zip(record, properties, strict=True):
        if not text:
            if column.get("required"):
                return "missing_key" if column.get("primaryKey") else f"missing_{column['name']}"
        elif not parses(text, column["logicalType"]):
            return {"timestamp": "bad_timestamp", "number": "non_numeric_amount"}.get(
                column["logicalType"], f"bad_{column['name']}"
            )
        elif any(text not in values for values in enums(column)):
            return "invalid_enum"
    return None


def enums(column: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the lists of values the contract allows for a column."""
    for rule in column.get("quality", []):
        if "validValues" in rule.get("arguments", {}):
            yield [str(value) for value in rule["arguments"]["validValues"]]


def parses(text: str, logical_type: str) -> bool:
    """Whether a text is a value of the contract's logical type; timestamps need an offset."""
    try:
        if logical_type == "timestamp":
            return datetime.fromisoformat(text).tzinfo is not None
        if logical_type == "date":
            return bool(date.fromisoformat(text))
        if logical_type == "number":
            return Decimal(text).is_finite()
        if logical_type == "integer":
            return str(int(text)) == text
    except (ValueError, InvalidOperation):
        return False
    return logical_type != "boolean" or text in ("true", "false")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the default world: 2,000 people over 180 days."""
    root = tmp_path_factory.mktemp("exports")
    exports = generate(root)
    return World(root, exports, json.loads(exports.truth_path.read_text()))
