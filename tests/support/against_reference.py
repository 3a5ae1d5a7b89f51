"""Compares a warehouse with the reference model and with a warehouse made in full."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from support.reference import expected_marts
from support.reference.marts import KEYS, NOT_TOLD
from support.tiny_warehouse import TinyWarehouse, replay
from support.world import SOURCES

Row = dict[str, Any]
KEPT = ("staging", "intermediate", "working")
ROUNDING = Decimal("0.000051")
"""Published figures have four decimals."""


REMEMBERING = ("dim_customer_redirects",)
"""Marts that remember earlier builds (`meta.remembers_builds`), of which a warehouse made anew has none."""


def differences_from_reference(house: TinyWarehouse, slot: str) -> list[str]:
    """What a slot holds otherwise than the reference says of the last build's loads; empty when all is equal."""
    expected, nodes = expected_marts(house.frozen, SOURCES)
    names, wrong = _bijection(house, nodes)
    for table, keys in KEYS.items():
        found = {}
        for row in house.rows(f"{slot}.{table}"):
            if row.get("customer_id") is not None:
                row["customer_id"] = names.get(row["customer_id"], f"unknown {row['customer_id']}")
            told = {name: value for name, value in row.items() if name not in NOT_TOLD.get(table, ())}
            found[tuple(row[key] for key in keys)] = told
        wanted = {tuple(row[key] for key in keys): row for row in expected[table]}
        wrong += [f"{table}: {key} is missing" for key in wanted.keys() - found.keys()]
        wrong += [f"{table}: {key} is too many" for key in found.keys() - wanted.keys()]
        for key in wanted.keys() & found.keys():
            wrong += [f"{table}: {key} {text}" for text in _unequal(found[key], wanted[key])]
    return sorted(wrong)


def _bijection(house: TinyWarehouse, nodes: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Opaque customer id → the reference's person; and where that is no one-to-one relation."""
    people = {house.in_tokens(node): person for node, person in nodes.items()}
    names: dict[str, str] = {}
    wrong, seen = [], set()
    for row in house.rows("intermediate.int_customer_nodes"):
        node = f"{row['brand']}:{row['node']}"
        seen.add(node)
        if names.setdefault(row["customer_id"], people.get(node, "nobody")) != people.get(node, "nobody"):
            wrong.append(f"people: {row['customer_id']} is both {names[row['customer_id']]} and {people.get(node)}")
    if len(set(names.values())) != len(names):
        wrong.append(f"people: {sorted(names.items())} are one person under several ids")
    return names, wrong + [f"people: {node}" for node in sorted(people.keys() ^ seen)]


def _unequal(found: Row, wanted: Row) -> list[str]:
    if found.keys() != wanted.keys():
        return [f"columns differ: {sorted(found.keys() ^ wanted.keys())}"]
    return [
        f"{name}: {found[name]!r}, expected {wanted[name]!r}"
        for name in wanted
        if not _is_equal(found[name], wanted[name])
    ]


def _is_equal(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None or isinstance(found, bool | str | datetime):
        return bool(found == wanted)
    if isinstance(found, Decimal | float):
        return abs(Decimal(found) - Decimal(wanted)) <= ROUNDING
    return bool(found == wanted)


def differences_from_full(
    house: TinyWarehouse, slot: str, empty: Callable[[str], TinyWarehouse], seed: int
) -> list[str]:
    """What a slot and the tables kept by key hold otherwise than when all is loaded anew, in another order, at once."""
    full = empty("tiny_full")
    replay(house.known, full, seed)
    full.build(full_refresh=True)
    marts = [name for name in full.tables("marts_next") if name not in REMEMBERING]
    wrong = _compare(house, full, [(f"{slot}.{name}", f"marts_next.{name}") for name in marts])
    kept = full.kept_by_key(KEPT)
    assert kept == house.kept_by_key(KEPT)
    return wrong + _compare(house, full, [(name, name) for name in kept])


def _compare(house: TinyWarehouse, full: TinyWarehouse, pairs: list[tuple[str, str]]) -> list[str]:
    wrong = []
    for ours, theirs in pairs:
        if house.digest(ours) != full.digest(theirs):
            ours_only, theirs_only = (
                {str(sorted(row.items(), key=lambda item: item[0])) for row in rows}
                for rows in (house.rows(ours), full.rows(theirs))
            )
            wrong += [f"{ours}: kept {row}" for row in sorted(ours_only - theirs_only)]
            wrong += [f"{ours}: in full {row}" for row in sorted(theirs_only - ours_only)]
    return wrong
