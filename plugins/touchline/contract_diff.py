"""What changed between two versions of a contract, and which changes break who delivers or reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from touchline.contracts import Column, Contract


@dataclass(frozen=True)
class Change:
    """One change of one column. A breaking change makes exports that fitted no longer fit, or raw rows unreadable."""

    entity: str
    column: str
    what: str
    is_breaking: bool


def diff_contracts(old: Contract, new: Contract) -> list[Change]:
    """Every change from `old` to `new`, breaking ones first."""
    entity = f"{new.kind}.{new.entity}"
    found = [Change(entity, column, what, breaking) for column, what, breaking in _changes(old, new)]
    return sorted(found, key=lambda change: (not change.is_breaking, change.column, change.what))


def _changes(old: Contract, new: Contract) -> Iterator[tuple[str, str, bool]]:
    for name in old.by_name.keys() - new.by_name.keys():
        yield name, "removed", True
    for name in new.by_name.keys() - old.by_name.keys():
        column = new.by_name[name]
        is_needed = column.is_required and column.default is None
        yield name, "added as required, without a default" if is_needed else "added", is_needed
    old_key, new_key = [c.name for c in old.key], [c.name for c in new.key]
    if old_key != new_key:
        yield ", ".join(new_key), f"key was {', '.join(old_key)}", True
    for name in old.by_name.keys() & new.by_name.keys():
        for what, is_breaking in _column_changes(old.by_name[name], new.by_name[name]):
            yield name, what, is_breaking


def _column_changes(old: Column, new: Column) -> Iterator[tuple[str, bool]]:
    if old.raw_type != new.raw_type or old.personal != new.personal:
        yield f"{_described(old)} became {_described(new)}", True
    if old.is_required != new.is_required:
        yield ("became required", True) if new.is_required else ("became optional", False)
    yield from _value_changes(old, new)
    if _bounds(old) != _bounds(new):
        yield f"range {_bounds(old)} became {_bounds(new)}", _is_narrower(old, new)
    if old.pattern != new.pattern:
        yield "pattern changed", new.pattern is not None
    if old.default != new.default:
        yield f"default {old.default} became {new.default}", old.default is not None
    if old.nulls_bad_value != new.nulls_bad_value:
        yield ("bad values set the record aside", True) if old.nulls_bad_value else ("bad values become null", False)


def _value_changes(old: Column, new: Column) -> Iterator[tuple[str, bool]]:
    if old.allowed == new.allowed:
        return
    if old.allowed is None or new.allowed is None:
        yield ("values are no longer listed", False) if new.allowed is None else ("values are listed now", True)
        return
    if gone := sorted(old.allowed - new.allowed):
        yield f"no longer allowed: {', '.join(gone)}", True
    if added := sorted(new.allowed - old.allowed):
        yield f"newly allowed: {', '.join(added)}", False


def _described(column: Column) -> str:
    return f"{column.raw_type} ({column.personal} token)" if column.personal else column.raw_type


def _bounds(column: Column) -> tuple[int | None, int | None]:
    return column.minimum, column.maximum


def _is_narrower(old: Column, new: Column) -> bool:
    raised = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    lowered = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return raised or lowered
