"""A published warehouse made by hand: real server, real roles, real publication; only the rows are ours."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, Engine, text

from touchline import ledger, publish, warehouse
from touchline.settings import Settings

Rows = Sequence[Mapping[str, Any]]

FROZEN_AT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


def mart_columns(settings: Settings) -> dict[str, dict[str, str]]:
    """Columns and types of every mart, from the contracts that dbt enforces."""
    marts: dict[str, dict[str, str]] = {}
    for path in (settings.dbt_project_dir / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            marts[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    return marts


def publish_marts(settings: Settings, marts: Mapping[str, Rows], as_of: Mapping[str, datetime]) -> int:
    """Publish a build that holds these rows (other marts are empty tables); returns its id."""
    owner = warehouse.engine(settings)
    with owner.begin() as connection:
        build_id = _open_build(connection, as_of)
    publish.prepare_slot(owner, build_id)
    with warehouse.engine(settings, warehouse.Role.BUILDER).begin() as connection:
        for mart, columns in mart_columns(settings).items():
            body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(text(f'create table marts_next."{mart}" ({body})'))
            insert(connection, f"marts_next.{mart}", marts.get(mart, ()))
    with owner.begin() as connection:
        connection.execute(text("update ops.builds set state = 'audited' where build_id = :id"), {"id": build_id})
    publish.publish(owner, build_id)
    with owner.begin() as connection:
        connection.execute(
            text("update ops.publications set published_at = :at where build_id = :id"),
            {"at": PUBLISHED_AT, "id": build_id},
        )
    return build_id


def add_loads(owner: Engine, build_id: int, loads: Rows, reasons: Rows, sources: Rows) -> None:
    """What the ledger says of the files behind a build; the load's place in `loads` is its id."""
    shared = {
        "export": "all",
        "kind": "call_center",
        "size_bytes": 1,
        "extracted_at": FROZEN_AT,
        "mapping_fingerprint": "m",
        "started_at": FROZEN_AT,
        "finished_at": datetime(2026, 7, 1, 1, 0, tzinfo=UTC),
    }
    with owner.begin() as connection:
        for number, load in enumerate(loads, start=1):
            insert(connection, "ops.loads", [shared | {"sha256": str(number)} | dict(load)])
            if load["state"] == "accepted":
                insert(connection, "ops.build_loads", [{"build_id": build_id, "load_id": number}])
        insert(connection, "ops.load_reasons", reasons)
        insert(connection, "ops.build_sources", [{"build_id": build_id} | dict(source) for source in sources])


def add_audit(owner: Engine, build_id: int, verdict: str, checks: Sequence[Mapping[str, Any]]) -> None:
    """The audit's verdict as the ledger keeps it, at the time of publication."""
    result = {"verdict": verdict, "checks": [dict(check) for check in checks]}
    ledger.record_audit(owner, verdict, len(checks), result, build_id=build_id)
    with owner.begin() as connection:
        connection.execute(text("update ops.audits set audited_at = :at"), {"at": PUBLISHED_AT})


def insert(connection: Connection, table: str, rows: Rows) -> None:
    """Insert rows of any columns; absent ones stay null."""
    for row in rows:
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        connection.execute(text(f"insert into {table} ({names}) values ({values})"), dict(row))


def settings_at(home: Path) -> Settings:
    """Settings of a warehouse of its own."""
    return Settings(home=home, database_url=None)


def _open_build(connection: Connection, as_of: Mapping[str, datetime]) -> int:
    build_id: int = connection.execute(
        text(
            "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state, frozen_at)"
            " values (:as_of, false, 'c', 'building', :frozen_at) returning build_id"
        ),
        {"as_of": max(as_of.values()), "frozen_at": FROZEN_AT},
    ).scalar_one()
    insert(
        connection,
        "ops.build_brands",
        [{"build_id": build_id, "brand": brand, "as_of": instant} for brand, instant in as_of.items()],
    )
    return build_id
