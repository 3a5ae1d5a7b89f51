"""The exact judge: decides for one record whether it is loaded, set aside or filtered, and says why."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from uuid import UUID
from zoneinfo import ZoneInfo

from touchline.contracts import Column, Contract, PersonalKind
from touchline.errors import TouchlineError
from touchline.expressions import Constant, Expression
from touchline.landing.evaluate import Compiler, Evaluate, Fields, Row
from touchline.landing.records import Record
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue, Value
from touchline.mapping import Export, Source, required_columns, resolve_mapping

Secret = tuple[UUID, PersonalKind, str]
"""(token, kind, normalised value), bound for the vault."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One row for one entity: contract columns in order, tokens in the place of personal data."""

    entity: str
    values: tuple[Value | UUID, ...]
    version_at: datetime | None
    watermark: datetime | None


@dataclass(frozen=True, slots=True)
class Loaded:
    rows: list[TypedRow]
    secrets: list[Secret]
    nulled: list[tuple[str, str]]
    """(column, reason) of optional values that became null."""


@dataclass(frozen=True, slots=True)
class SetAside:
    entity: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filtered:
    reason: str


Verdict = Loaded | SetAside | Filtered


@dataclass(frozen=True)
class _Entity:
    contract: Contract
    applies: Callable[[Fields], bool] | None
    columns: tuple[tuple[Column, Evaluate], ...]
    """In evaluation order: the mapping's, so that an expression may use columns before it."""
    written: tuple[Column, ...]
    """Columns that may hold a value, as the contract orders them; the others are null in every row."""


class Judge:
    """Judges the records of one file. Raises TouchlineError when the file lacks a column the mapping reads."""

    def __init__(
        self,
        source: Source,
        export: Export,
        contracts: Mapping[tuple[str, str], Contract],
        header: Sequence[str],
        tokeniser: Tokeniser,
    ) -> None:
        targets = [(target, contracts[source.kind, target.entity]) for target in export.into]
        mappings = [resolve_mapping(target, contract, source, header) for target, contract in targets]
        _check_header(export, mappings, targets[0][1], header)
        compiler = Compiler(header, export.values, ZoneInfo(source.timezone))
        self._null = frozenset(export.values.null)
        self._tokeniser = tokeniser
        self._filters = [(compiler.condition(item.condition), item.reason) for item in export.filter]
        self._watermark = export.complete_through.column if export.complete_through else None
        self._entities = [
            _Entity(
                contract,
                compiler.condition(target.condition) if target.condition else None,
                tuple(
                    (contract.by_name[name], compiler.column(item, contract.by_name[name]))
                    for name, item in mapping.items()
                ),
                tuple(column for column in contract.columns if may_hold_values(mapping[column.name], column)),
            )
            for (target, contract), mapping in zip(targets, mappings, strict=True)
        ]

    @property
    def written(self) -> dict[str, tuple[Column, ...]]:
        """Columns of each entity that rows hold, in this order."""
        return {entity.contract.entity: entity.written for entity in self._entities}

    def judge(self, record: Record) -> Verdict:
        """The verdict on one record; a record with one bad entity is set aside whole."""
        if record.is_blank:
            return Filtered("blank line")
        if record.fields is None:
            return SetAside("", "", record.problem or "unreadable")
        stripped = [field.strip() for field in record.fields]
        fields: Fields = [None if field in self._null else field for field in stripped]
        for holds, reason in self._filters:
            if holds(fields):
                return Filtered(reason)
        loaded = Loaded([], [], [])
        for entity in self._entities:
            if entity.applies and not entity.applies(fields):
                continue
            try:
                loaded.rows.append(self._row(entity, fields, loaded))
            except _BadColumn as bad:
                return SetAside(entity.contract.entity, bad.column, bad.reason)
        return loaded if loaded.rows else Filtered("no entity applies")

    def _row(self, entity: _Entity, fields: Fields, loaded: Loaded) -> TypedRow:
        row: Row = {}
        tokens: dict[str, UUID] = {}
        for column, evaluate in entity.columns:
            try:
                value = evaluate(fields, row)
                if value is not None and column.personal:
                    secret = self._tokeniser.token(column.personal, str(value))
                    tokens[column.name] = secret[0]
                    loaded.secrets.append(secret)
            except BadValue as bad:
                if not column.nulls_bad_value:
                    raise _BadColumn(column.name, str(bad)) from None
                value = None
                loaded.nulled.append((column.name, str(bad)))
            if value is None and column.is_required:
                raise _BadColumn(column.name, "missing")
            row[column.name] = value
        values = tuple(tokens.get(column.name, row[column.name]) for column in entity.contract.columns)
        version, watermark = row[entity.contract.version_column], row.get(self._watermark or "")
        return TypedRow(
            entity.contract.entity,
            values,
            version if isinstance(version, datetime) else None,
            watermark if isinstance(watermark, datetime) else None,
        )


def may_hold_values(expression: Expression, column: Column) -> bool:
    """Whether not every row has null in the column."""
    return column.default is not None or expression != Constant(const=None)


class _BadColumn(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


def _check_header(
    export: Export, mappings: list[dict[str, Expression]], contract: Contract, header: Sequence[str]
) -> None:
    missing = required_columns(export, mappings) - set(header)
    for target, mapping in zip(export.into, mappings, strict=True):
        if target.map == "by_name":
            absent = [c for c in contract.columns if c.is_required and c.default is None and c.name not in header]
            missing |= {column.name for column in absent if column.name in mapping and column.name != "currency"}
    if missing:
        used = required_columns(export, mappings)
        raise TouchlineError(
            f"The header lacks {', '.join(sorted(missing))}",
            where="header",
            todo=f"deliver the columns again, or change the mapping of this export{_renamed(missing, header, used)}",
        )


def _renamed(missing: Iterable[str], header: Sequence[str], used: Collection[str]) -> str:
    """The unused column each missing one may have become. Only likeness makes it safe to repeat a header."""
    plain = {_letters(name): name for name in header[:1000] if name not in used}
    near = {name: get_close_matches(_letters(name), plain, n=1, cutoff=0.7) for name in sorted(missing)}
    hints = [f"is {name} now called {plain[found[0]]!r}?" for name, found in near.items() if found]
    return f" ({' '.join(hints)})" if hints else ""


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
