"""Reads the source files of a folder and checks each against its contracts, before a single record is read."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from touchline.contracts import Contract, Delivery
from touchline.errors import TouchlineError
from touchline.expressions import Constant, Expression, FromColumn
from touchline.mapping import Export, Source


def load_sources(folder: Path, contracts: Mapping[tuple[str, str], Contract], only: Iterable[str] = ()) -> list[Source]:
    """Read and check every source file; `only` keeps the named ones and refuses an unknown name."""
    sources = {source.source: source for source in map(read_source, sorted(folder.glob("*.yml")))}
    if unknown := sorted(set(only) - sources.keys()):
        known = ", ".join(sources) or "none"
        raise TouchlineError(f"Unknown source: {', '.join(unknown)}", where=str(folder), todo=f"known: {known}")
    chosen = [source for name, source in sources.items() if not only or name in set(only)]
    for source in chosen:
        check_source(source, contracts, folder / f"{source.source}.yml")
    return chosen


def read_source(path: Path) -> Source:
    """Read one source file; each thing that is wrong with it is named."""
    try:
        source = Source.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise TouchlineError(f"Not YAML: {error}", where=str(path)) from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise TouchlineError(f"Not a source file: {wrong}", where=str(path), todo="see docs/mappings.md") from None
    if source.source != path.stem:
        raise TouchlineError(f"A source is named like its file, not '{source.source}'", where=str(path))
    return source


def check_source(source: Source, contracts: Mapping[tuple[str, str], Contract], path: Path) -> None:
    """Check every mapping against its contract, before a single record is read."""
    for export in source.exports:
        for target in export.into:
            where = f"{path}, export {export.name}, entity {target.entity}"
            contract = contracts.get((source.kind, target.entity))
            if contract is None:
                known = ", ".join(entity for kind, entity in contracts if kind == source.kind)
                raise TouchlineError(
                    f"No contract for {source.kind}.{target.entity}", where=where, todo=f"known: {known}"
                )
            if export.delivery is Delivery.SNAPSHOT and contract.delivery is Delivery.APPEND:
                todo = "declare the export as append"
                raise TouchlineError("Events do not end by being absent from a snapshot", where=where, todo=todo)
            if target.map != "by_name":
                _check_mapping(target.map, contract, where)
        _check_completeness(export, [contracts[source.kind, target.entity] for target in export.into], path)


def _check_completeness(export: Export, contracts: Iterable[Contract], path: Path) -> None:
    """Completeness is told by the time of an event or by a version: a column without either would tell nothing."""
    column = export.complete_through.column if export.complete_through else None
    fit = {name for item in contracts for name in (item.completeness_column, item.version_column) if name}
    if column is not None and column not in fit:
        todo = f"use one of: {', '.join(sorted(fit))}"
        where = f"{path}, export {export.name}"
        raise TouchlineError(f"complete_through cannot be told by column '{column}'", where=where, todo=todo)


def _check_mapping(mapping: Mapping[str, Expression], contract: Contract, where: str) -> None:
    if unknown := sorted(mapping.keys() - contract.by_name.keys()):
        raise TouchlineError(f"The contract has no column {', '.join(unknown)}", where=where)
    missing = [
        column.name
        for column in contract.columns
        if column.is_required and column.name not in mapping and column.default is None and column.name != "currency"
    ]
    if missing:
        raise TouchlineError(f"Required columns are not mapped: {', '.join(missing)}", where=where)
    for name, expression in mapping.items():
        column = contract.by_name[name]
        produced = _fixed_values(expression)
        if column.allowed and (bad := sorted(produced - column.allowed)):
            todo = f"allowed: {', '.join(sorted(column.allowed))}"
            raise TouchlineError(f"{name} would get {', '.join(bad)}", where=where, todo=todo)


def _fixed_values(expression: Expression) -> set[str]:
    match expression:
        case Constant(const=str() as value):
            return {value}
        case FromColumn(values=dict() as values):
            return set(values.values())
    return set()
