"""Which rows each model of a build read, as Postgres itself counts them: plans of what ran, by auto_explain."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

_OPTIONS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_verbose": "on",
    "auto_explain.log_format": "json",
}
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d .*? plan:$", re.MULTILINE)
_NODE = re.compile(r'"node_id": "([^"]+)"')
_PASSED = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
_STORED = ("raw", "staging", "intermediate", "working", "marts_next")
"""Schemas whose rows count; the change log, the catalogue and temporary tables of changed keys do not."""
_BEARING = text("""
    select exists (
        select 1 from information_schema.columns
        where table_schema = :schema and table_name = :name and column_name = :key
    )
""")


@dataclass
class Reads:
    """Rows that the statements of one dbt node read, by table; `into_slot`: by those that write a table of the slot."""

    rows: Counter[str] = field(default_factory=Counter)
    into_slot: int = 0


@dataclass(frozen=True)
class ModelReads:
    """What one model kept by key read, and how many rows bear the keys it changed: in its own table, and in the tables
    it reads that have a column of that name."""

    name: str
    rows: Counter[str]
    into_slot: int
    changed: int

    @property
    def ratio(self) -> float:
        return self.rows.total() / max(self.changed, 1)

    def __str__(self) -> str:
        most = ", ".join(f"{table} {rows}" for table, rows in self.rows.most_common(2))
        return f"{self.name} {self.rows.total()} / {self.changed} = {self.ratio:.1f} ({most})"


@contextmanager
def explained(owner: Engine, log: Path) -> Iterator[dict[str, Reads]]:
    """Fills a table of dbt node → rows read with what new sessions of this database run meanwhile."""
    start = log.stat().st_size
    found: dict[str, Reads] = {}
    _set_options(owner, "set {} = '{}'")
    try:
        yield found
    finally:
        _set_options(owner, "reset {}")
    with log.open(encoding="utf-8", errors="replace") as file:
        file.seek(start)
        for plan in _plans(file.read()):
            node = _NODE.search(plan["Query Text"])
            reads = found.setdefault(node[1] if node else "", Reads())
            scans: Counter[str] = Counter()
            for table, rows in _scans(plan["Plan"]):
                scans[table] += rows
            if plan["Plan"]["Node Type"] == "ModifyTable" and plan["Plan"]["Schema"] == "marts_next":
                reads.into_slot += scans.total()
            else:
                reads.rows.update(scans)


def of_models(owner: Engine, build_id: int, nodes: dict[str, Any], found: dict[str, Reads]) -> list[ModelReads]:
    """The models kept by key, worst first. `nodes`: of dbt's manifest."""
    kept = [node for node in nodes.values() if node["config"].get("materialized") == "by_key"]
    with owner.connect() as connection:
        reads = [_of_model(connection, build_id, node, nodes, found.get(node["unique_id"], Reads())) for node in kept]
    return sorted(reads, key=lambda model: model.ratio, reverse=True)


def _of_model(
    connection: Connection, build_id: int, node: dict[str, Any], nodes: dict[str, Any], reads: Reads
) -> ModelReads:
    key = node["config"]["key"]
    changed = 0
    for table in [node, *(nodes[name] for name in node["depends_on"]["nodes"] if name in nodes)]:
        schema = "working" if table["schema"] == "marts_next" else table["schema"]
        if not connection.scalar(_BEARING, {"schema": schema, "name": table["name"], "key": key}):
            continue
        changed += connection.execute(text(
            f'select count(*) from {schema}."{table["name"]}" where cast({key} as text) in (select key from'
            " changes.changed_keys where build_id = :id and model = :model and column_name = :key)"
        ), {"id": build_id, "model": node["name"], "key": key}).scalar_one()  # fmt: skip
    seeds = {f"{other['schema']}.{other['name']}" for other in nodes.values() if other["resource_type"] == "seed"}
    stored = {name: rows for name, rows in reads.rows.items() if name.split(".")[0] in _STORED and name not in seeds}
    return ModelReads(node["name"], Counter(stored), reads.into_slot, changed)


def _set_options(owner: Engine, change: str) -> None:
    with owner.begin() as connection:
        database = connection.scalar(text("select current_database()"))
        for name, value in _OPTIONS.items():
            connection.exec_driver_sql(f'alter database "{database}" ' + change.format(name, value))


def _plans(log: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    for entry in _ENTRY.finditer(log):
        yield decoder.raw_decode(log, log.index("{", entry.end()))[0]


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """(schema and table, rows that a scan took up), also those that its filter then left out."""
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        passed = sum(plan.get(name, 0) for name in _PASSED)
        yield f"{plan['Schema']}.{plan['Relation Name']}", round(passed * plan["Actual Loops"])
    for part in plan.get("Plans", []):
        yield from _scans(part)
