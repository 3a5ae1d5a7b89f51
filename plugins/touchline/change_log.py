"""The change log of the tables kept by key: as long as somebody has to catch up with it, and no longer."""

from collections.abc import Collection

from sqlalchemy import Engine, text

# A table, in whatever slot, reads what was logged after the build that its comment names; the identity solver, what
# came after the build of its state; data tests, what came after the last publication.
_PRUNE = text("""
    with caught_up as (
        select
            cast(substring(obj_description(pg_class.oid, 'pg_class') from '^build ([0-9]+), in full') as bigint) as seen
        from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where pg_class.relkind = 'r' and pg_class.relname = any(:models) and pg_namespace.nspname = any(:schemas)
        union all
        (select build_id from identity.states order by state_id desc limit 1)
        union all
        select max(build_id) from ops.builds where state = 'published'
    )
    delete from changes.changed_keys where build_id <= (select min(seen) from caught_up)
""")
SCHEMAS = ("staging", "intermediate", "working", "marts_next", "marts", "marts_previous", "marts_idle")


def prune(engine: Engine, models: Collection[str]) -> int:
    """Delete what no table of these models, no state and no test can still need; the number of entries."""
    with engine.begin() as connection:
        return connection.execute(_PRUNE, {"models": list(models), "schemas": list(SCHEMAS)}).rowcount
