"""Which rows of a mart kept by key an audit must look at: those of the keys that changed since it last passed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, text

from touchline.audit.figures import Sums
from touchline.audit.rows import failing_rows
from touchline.audit.suites import Check, Suite

FULL_EVERY = timedelta(days=7)
WORTH_ROWS = 50_000
"""Below, looking at all rows costs less than a second batch of checks."""

# The change log may be pruned of what came before the last publication, and of nothing later.
_LAST_FIT = text("""
    select build_id, result from ops.audits
    where
        build_id = (select max(build_id) from ops.builds where state = 'published') and build_id < :build_id
        and verdict in ('passed', 'passed_with_warnings')
    order by audit_id desc limit 1
""")
_LAST_FULL = text("""
    select max(audited_at) from ops.audits
    where
        build_id < :build_id and verdict in ('passed', 'passed_with_warnings')
        and coalesce(cast(result ->> 'is_full' as boolean), true)
""")
_TABLES = text("""
    select relname, reltuples, obj_description(pg_class.oid, 'pg_class') as label
    from pg_class join pg_namespace on relnamespace = pg_namespace.oid
    where nspname = :schema and relkind = 'r'
""")
_LABEL = re.compile(r"build (\d+), in full (\d+), code ")


@dataclass(frozen=True)
class Changes:
    """The rows of a table that changed since the published build; `sums` over all its rows as its audit knew them."""

    table: str
    key: str
    keys: str
    sums: Sums

    def rows(self, schema: str) -> str:
        """Query for these rows in one slot."""
        return f'select * from "{schema}"."{self.table}" where cast("{self.key}" as text) in ({self.keys})'


@dataclass(frozen=True)
class Plan:
    """By table, the rows that changed; a table that is not named is looked at as a whole."""

    is_full: bool
    changed: Mapping[str, Changes] = field(default_factory=dict)


def plan(engine: Engine, build_id: int, schema: str, suites: Mapping[str, Suite], kept_keys: Mapping[str, str]) -> Plan:
    """What the audit of a build must look at. `kept_keys`: table → the column by which its rows are recomputed.

    A table is looked at as a whole unless its suite, as it stands now, found nothing in the audit of the build
    published last, the table was not made in full since, and it is large. Once a week every table is.
    """
    with engine.connect() as connection:
        base = connection.execute(_LAST_FIT, {"build_id": build_id}).first()
        last_full = connection.scalar(_LAST_FULL, {"build_id": build_id})
        if base is None or last_full is None or datetime.now(UTC) - last_full > FULL_EVERY:
            return Plan(is_full=True)
        clean = _clean_suites(base.result, suites)
        fit = _unbroken(connection, schema, build_id, base.build_id)
    tables = kept_keys.keys() & clean & fit
    keys = (
        "select key from changes.changed_keys where model = '{table}' and column_name = '{key}'"
        " and build_id > {base} and build_id <= {build}"
    )
    changed = {}
    for table in sorted(tables):
        key = kept_keys[table]
        logged = keys.format(table=table, key=key, base=base.build_id, build=build_id)
        changed[table] = Changes(table, key, logged, _sums(base.result, table))
    return Plan(is_full=False, changed=changed)


def is_of_rows(check: Check, key: str) -> bool:
    """Whether the verdict on all rows follows from that on the rows of the changed keys."""
    if check.type == "expect_column_values_to_be_unique":
        return bool(check.kwargs["column"] == key)
    return "mostly" not in check.kwargs and failing_rows(check.type, check.kwargs) is not None


def fingerprint(suite: Suite) -> str:
    """Changes with the checks of a suite."""
    checks = [(check.id, check.type, dict(check.kwargs), check.severity) for check in suite.checks]
    return hashlib.sha256(json.dumps(checks, sort_keys=True).encode()).hexdigest()[:16]


def _clean_suites(result: Mapping[str, Any], suites: Mapping[str, Suite]) -> set[str]:
    """Tables whose suite is the one of that audit and had nothing to find."""
    unclean = {check["suite"] for check in result.get("checks", ()) if check["outcome"] != "passed"}
    known = result.get("suites", {})
    return {
        table
        for table, suite in suites.items()
        if suite.name not in unclean and known.get(suite.name) == fingerprint(suite)
    }


def _sums(result: Mapping[str, Any], table: str) -> Sums:
    kept = result.get("sums", {}).get(table, {})
    return {name: None if value is None else Decimal(value) for name, value in kept.items()}


def _unbroken(connection: Connection, schema: str, build_id: int, base: int) -> set[str]:
    """Large tables of this build that were brought here from the base build by their changed keys alone."""
    found = set()
    for row in connection.execute(_TABLES, {"schema": schema}):
        label = _LABEL.match(row.label or "")
        is_large = row.reltuples >= WORTH_ROWS
        if label and is_large and int(label[1]) == build_id and int(label[2]) <= base:
            found.add(row.relname)
    return found
