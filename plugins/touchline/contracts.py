"""Source contracts (Open Data Contract Standard 3.1) as the loader uses them: types, keys, personal data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from touchline.errors import TouchlineError

MAX_PRECISION = 38
"""Digits of a number: what two words of 64 bits hold."""


class ColumnType(StrEnum):
    """Physical types a contract may ask for, in Postgres' words."""

    TEXT = "text"
    TIMESTAMP = "timestamptz"
    DATE = "date"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    NUMERIC = "numeric"


class PersonalKind(StrEnum):
    """How a personal value is normalised before it becomes a token."""

    EMAIL = "email"
    PHONE = "phone"
    ENDPOINT = "endpoint"
    """An e-mail address or a phone number, whichever it is."""
    TEXT = "text"


class Delivery(StrEnum):
    """What another delivery of a key means."""

    APPEND = "append"
    """Events that happened once: the key again is the same event again."""
    UPSERT = "upsert"
    """The newest version of a key counts."""
    SNAPSHOT = "snapshot"
    """The newest version counts, and a key that is absent has been deleted."""


@dataclass(frozen=True)
class Column:
    """One contract column. `precision` and `scale` hold for numeric columns only."""

    name: str
    type: ColumnType
    description: str
    is_required: bool
    key_position: int | None = None
    precision: int | None = None
    scale: int | None = None
    allowed: frozenset[str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: re.Pattern[str] | None = None
    default: str | None = None
    personal: PersonalKind | None = None
    nulls_bad_value: bool = False
    """A bad value becomes null and is counted, instead of setting the record aside."""

    @property
    def raw_name(self) -> str:
        """Name in `raw`: personal columns hold tokens there."""
        return f"{self.name}_token" if self.personal else self.name

    @property
    def raw_type(self) -> str:
        """Postgres type in `raw`."""
        if self.personal:
            return "uuid"
        return f"numeric({self.precision},{self.scale})" if self.type is ColumnType.NUMERIC else self.type.value


@dataclass(frozen=True)
class Contract:
    """What one entity of one kind of source delivers. `key` is the natural key within a source."""

    kind: str
    entity: str
    version: str
    description: str
    columns: tuple[Column, ...]
    delivery: Delivery
    """How the entity is delivered unless its source says otherwise."""
    version_column: str
    """The version of a record; where it is null, the file's time of extraction stands for it."""
    completeness_column: str | None
    """Its newest value tells through when an export is complete; None for entities that are no events."""

    @property
    def raw_table(self) -> str:
        return f"{self.kind}_{self.entity}"

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def key(self) -> tuple[Column, ...]:
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))


def load_contracts(folder: Path) -> dict[tuple[str, str], Contract]:
    """Read every `<kind>/<entity>.odcs.yaml` below `folder`, keyed by (kind, entity)."""
    contracts = [read_contract(path) for path in sorted(folder.glob("*/*.odcs.yaml"))]
    if not contracts:
        raise TouchlineError("No contract found", where=str(folder), todo="check TOUCHLINE_PROJECT_DIR")
    return {(contract.kind, contract.entity): contract for contract in contracts}


def read_contract(path: Path) -> Contract:
    """Read one contract file; a file the standard's library refuses is an error that names it."""
    state = path.stat()
    return _read_contract(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _read_contract(path: Path, _modified: int, _size: int) -> Contract:
    """Contracts are asked for at every step; a file that has not changed is parsed once."""
    try:
        document = OpenDataContractStandard.from_file(str(path))
    except Exception as error:
        raise TouchlineError(f"Not a valid data contract: {error}", where=str(path)) from error
    objects = document.schema_ or []
    if len(objects) != 1 or not objects[0].name:
        raise TouchlineError("A contract describes exactly one named schema object", where=str(path))
    facts = {entry.property: entry.value for entry in objects[0].customProperties or []}
    contract = Contract(
        kind=path.parent.name,
        entity=objects[0].name,
        version=document.version or "",
        description=(document.description.purpose if document.description else None) or "",
        columns=tuple(_column(item, path) for item in objects[0].properties or []),
        delivery=_delivery(facts.get("delivery"), path),
        version_column=facts.get("versionColumn") or "",
        completeness_column=facts.get("completenessColumn"),
    )
    _check_instants(contract, path)
    return contract


def _check_instants(contract: Contract, path: Path) -> None:
    named = (contract.version_column, contract.completeness_column)
    for name in (name for name in named if name is not None):
        if name not in contract.by_name or contract.by_name[name].type is not ColumnType.TIMESTAMP:
            todo = "versionColumn (required) and completenessColumn name columns of physicalType timestamptz"
            raise TouchlineError(f"The contract has no timestamp '{name}'", where=str(path), todo=todo)


def _delivery(text: str | None, path: Path) -> Delivery:
    try:
        return Delivery(text or "")
    except ValueError:
        todo = f"give the customProperty delivery: {', '.join(Delivery)}"
        raise TouchlineError(f"Unknown delivery '{text or ''}'", where=str(path), todo=todo) from None


def _column(item: SchemaProperty, path: Path) -> Column:
    if not item.name or not item.physicalType:
        raise TouchlineError("A contract property needs a name and a physicalType", where=str(path))
    custom = {entry.property: entry.value for entry in item.customProperties or []}
    options = item.logicalTypeOptions or {}
    kind, precision, scale = _physical_type(item.physicalType, f"{path}, {item.name}")
    pattern = options.get("pattern")
    personal = custom.get("personalDataKind")
    return Column(
        name=item.name,
        type=kind,
        description=item.description or "",
        is_required=bool(item.required),
        key_position=item.primaryKeyPosition if item.primaryKey else None,
        precision=precision,
        scale=scale,
        allowed=_allowed_values(item),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        pattern=re.compile(pattern) if pattern else None,
        default=custom.get("default"),
        personal=PersonalKind(personal) if personal else None,
        nulls_bad_value=_nulls_bad_value(item, custom, path),
    )


def _nulls_bad_value(item: SchemaProperty, custom: Mapping[str | None, Any], path: Path) -> bool:
    """Whether a bad value costs the value only: what the contract says, else so for optional personal data."""
    policy = custom.get("onBadValue")
    if policy not in (None, "null_value", "set_aside"):
        todo = "null_value or set_aside"
        raise TouchlineError(f"Unknown onBadValue '{policy}'", where=f"{path}, {item.name}", todo=todo)
    is_optional = "personalDataKind" in custom and not item.required and not item.primaryKey
    return policy == "null_value" or (policy is None and is_optional)


def _physical_type(text: str, where: str) -> tuple[ColumnType, int | None, int | None]:
    if match := re.fullmatch(r"numeric\((\d+),(\d+)\)", text):
        precision, scale = int(match[1]), int(match[2])
        if not 0 < precision <= MAX_PRECISION or scale > precision:
            todo = f"use at most {MAX_PRECISION} digits, and no more decimals than digits"
            raise TouchlineError(f"Not a usable physicalType: '{text}'", where=where, todo=todo)
        return ColumnType.NUMERIC, precision, scale
    try:
        return ColumnType(text), None, None
    except ValueError:
        known = ", ".join(ColumnType) + "(precision,scale)"
        raise TouchlineError(f"Unknown physicalType '{text}'", where=where, todo=f"use one of {known}") from None


def _allowed_values(item: SchemaProperty) -> frozenset[str] | None:
    for rule in item.quality or []:
        if rule.metric == "invalidValues" and rule.arguments:
            return frozenset(rule.arguments["validValues"])
    return None
