"""Forgets detail of what ran long ago: what a build had frozen, what audits saw."""

from datetime import datetime

from sqlalchemy import Engine, text

from touchline import warehouse
from touchline.locks import Lock
from touchline.maintenance import compaction, labels

# Builds, loads, verdicts and publications themselves stay: they are few, and say what happened.
_FORGET = {
    f"ops.{table}": f"""
        delete from ops.{table} using ops.builds
        where builds.build_id = {table}.build_id and builds.build_id < :oldest and frozen_at < :before
    """
    for table in ("build_loads", "build_sources", "build_brands")
} | {
    "ops.audits": """
        update ops.audits set result = '{}'
        where audited_at < :before and result <> '{}' and (build_id is null or build_id < :oldest)
    """,
}


def forget(owner: Engine, before: datetime) -> dict[str, int]:
    """Forget detail from before an instant that no table, slot or reader stands on; rows by table."""
    with warehouse.advisory_lock(owner, Lock.BUILD, compaction.BUSY):
        with owner.begin() as connection:
            values = {"oldest": labels.oldest_build(connection), "before": before}
            forgotten = {table: connection.execute(text(sql), values).rowcount for table, sql in _FORGET.items()}
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (table for table, rows in forgotten.items() if rows):
                connection.exec_driver_sql(f"vacuum (analyze) {table}")
    return forgotten
