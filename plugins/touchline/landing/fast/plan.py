"""Compiles the mapping of an export for whole columns; an export that must be read record by record is told why."""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from touchline.contracts import Column, ColumnType, Contract
from touchline.expressions import Concat, Constant, Expression, RowKey, Shift, Timestamp, When, columns_used
from touchline.landing.evaluate import Compiler, Evaluate
from touchline.landing.fast.casts import Vector
from touchline.landing.fast.shapes import PLAIN_ENCODINGS
from touchline.landing.fast.vectors import Leaf, VectorCompiler
from touchline.landing.judge import may_hold_values
from touchline.landing.physical import Physical, physical
from touchline.landing.tokens import Tokeniser
from touchline.mapping import Export, Format, Source, Target, resolve_mapping

MAX_COLUMNS = 2000
"""Each column of a frame costs some KiB, whatever it holds."""


@dataclass(frozen=True)
class ColumnPlan:
    """How one contract column is made: `vector` where it is sure, `exact` for every other value."""

    column: Column
    vector: Vector | None
    exact: Evaluate
    reads: tuple[int, ...]
    """Export columns, by position."""
    constant: Physical = None
    """Value of a column that is the same in every row."""
    passed: int | None = None
    """The export column whose texts `vector` gives as they are, if it is one."""

    @property
    def is_unchecked(self) -> bool:
        """Whether every text passes."""
        return self.passed is not None and self.vector is not None and self.vector.sure is None

    @property
    def looks_at(self) -> set[int]:
        """Those of `reads` whose texts `vector` is computed from."""
        if self.vector is None:
            return set(self.reads)
        sure = set() if self.vector.sure is None else _positions(self.vector.sure)
        return _positions(self.vector.value) | sure


@dataclass(frozen=True)
class EntityPlan:
    """One entity, made of each record for which `applies` holds (None: of all).

    `columns` in the contract's order, without those that are null in every row.
    """

    contract: Contract
    applies: pl.Expr | None
    columns: tuple[ColumnPlan, ...]


@dataclass(frozen=True)
class Plan:
    """What is known of an export before its first record. In expressions, export columns are named by position."""

    export: Export
    encoding: str
    width: int
    reads: tuple[int, ...]
    evaluated: tuple[int, ...]
    """Those of `reads` whose texts are needed as such for every record, at least one; the others are passed on, or read
    from their bytes."""
    leaves: tuple[Leaf, ...]
    filters: tuple[tuple[pl.Expr, str], ...]
    entities: tuple[EntityPlan, ...]
    tokeniser: Tokeniser


def plan(
    source: Source,
    export: Export,
    contracts: Mapping[tuple[str, str], Contract],
    header: Sequence[str],
    tokeniser: Tokeniser,
) -> Plan | str:
    """The plan for a file with this header, or why its records are read one by one."""
    if reason := _format_obstacle(export.format):
        return reason
    if len(header) > MAX_COLUMNS:
        return f"it has {len(header)} columns"
    targets = [(target, contracts[source.kind, target.entity]) for target in export.into]
    mappings = [resolve_mapping(target, contract, source, header) for target, contract in targets]
    if reason := _mapping_obstacle(mappings):
        return reason
    zone = ZoneInfo(source.timezone)
    exact = Compiler(header, export.values, zone)
    vectors = VectorCompiler(header, export.values, zone, exact.compile)
    position = {name: index for index, name in enumerate(header)}
    entities = tuple(
        _entity(target, contract, mapping, exact, vectors, position)
        for (target, contract), mapping in zip(targets, mappings, strict=True)
    )
    conditions = [item.condition for item in export.filter]
    conditions += [target.condition for target in export.into if target.condition]
    columns = [column for entity in entities for column in entity.columns]
    evaluated = {position[condition.column] for condition in conditions}
    reads = evaluated | {read for column in columns for read in column.reads}
    if not reads:
        return "the mapping reads no column"
    evaluated |= {read for column in columns if not column.is_unchecked for read in column.looks_at}
    evaluated |= {read for leaf in vectors.leaves if leaf.position is None for read in _positions(leaf.source)}
    if len(header) == 1 or export.format.separator.isspace():
        evaluated = reads  # they tell blank lines
    return Plan(
        export=export,
        encoding=_encoding(export.format),
        width=len(header),
        reads=tuple(sorted(reads)),
        evaluated=tuple(sorted(evaluated or [min(reads)])),
        leaves=tuple(vectors.leaves),
        filters=tuple((vectors.condition(item.condition), item.reason) for item in export.filter),
        entities=entities,
        tokeniser=tokeniser,
    )


def _mapping_obstacle(mappings: Sequence[Mapping[str, Expression]]) -> str:
    """Which column's expression is read record by record, and why; empty if none is."""
    for mapping in mappings:
        for name, expression in mapping.items():
            if reason := next(_obstacles(expression), None):
                return f"{name} {reason}"
    return ""


def _entity(
    target: Target,
    contract: Contract,
    mapping: Mapping[str, Expression],
    exact: Compiler,
    vectors: VectorCompiler,
    position: Mapping[str, int],
) -> EntityPlan:
    columns = []
    for column in contract.columns:
        expression = mapping[column.name]
        reads = tuple(sorted({position[name] for name in columns_used(expression)}))
        vector = vectors.compile(expression, column) if _has_vector(column) else None
        evaluate = exact.column(expression, column)
        if not may_hold_values(expression, column) and not column.is_required:
            continue
        is_constant = isinstance(expression, Constant) and not column.personal
        constant = physical(evaluate([], {}), column) if is_constant else None
        columns.append(ColumnPlan(column, vector, evaluate, reads, constant, _passed(column, vector, reads)))
    applies = vectors.condition(target.condition) if target.condition else None
    return EntityPlan(contract, applies, tuple(columns))


def _positions(expression: pl.Expr) -> set[int]:
    """The export columns in an expression; it may also read leaves."""
    return {int(name) for name in expression.meta.root_names() if name.isdecimal()}


def _passed(column: Column, vector: Vector | None, reads: tuple[int, ...]) -> int | None:
    if column.type is not ColumnType.TEXT or column.personal or vector is None or len(reads) != 1:
        return None
    return reads[0] if vector.value.meta.eq(pl.col(str(reads[0]))) else None


def _has_vector(column: Column) -> bool:
    """A personal value is tokenised as Python writes it, which is as it is exported for these types only."""
    return column.personal is None or column.type in (ColumnType.TEXT, ColumnType.INTEGER)


def _format_obstacle(fmt: Format) -> str | None:
    if fmt.type not in ("csv", "tsv"):
        return f"its format is {fmt.type}"
    if _encoding(fmt) not in PLAIN_ENCODINGS:
        return f"its encoding is {fmt.encoding}"
    if not _is_mark(fmt.separator) or (fmt.quote is not None and not _is_mark(fmt.quote)):
        return "its delimiter or quote is not a mark of ASCII"
    return None


def _encoding(fmt: Format) -> str:
    """Python's name of the encoding; a byte order mark is the header's affair."""
    return codecs.lookup(fmt.encoding).name.removesuffix("-sig")


def _is_mark(character: str) -> bool:
    """Characters that no longer character contains in any of the encodings."""
    return len(character) == 1 and character in "\t !\"#$%&'()*+,-./:;|"


def _obstacles(expression: Expression) -> Iterator[str]:
    """What in an expression depends on other records or on other columns of the row."""
    match expression:
        case RowKey():
            yield "counts equal records (row_key)"
        case Timestamp(not_before=str()):
            yield "depends on another column (not_before)"
        case Concat():
            for part in expression.concat:
                yield from _obstacles(part)
        case Shift():
            yield from _obstacles(expression.shift)
        case When():
            for branch in expression.when:
                yield from _obstacles(branch.then)
            yield from _obstacles(expression.otherwise)
