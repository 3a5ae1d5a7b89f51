"""Which builds the tables of the warehouse stand on, by what they and their slots say of themselves."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from touchline.change_log import SCHEMAS

_OLDEST = text("""
    select min(cast(substring(label from '^build ([0-9]+)') as bigint)) from (
        select obj_description(pg_class.oid, 'pg_class') as label
        from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid
        where nspname = any(:schemas) and relkind = 'r'
        union all
        select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = any(:schemas)
        union all
        select 'build ' || max(build_id) from ops.builds where state = 'published'
    ) as labels
""")


def oldest_build(connection: Connection, schemas: Iterable[str] = SCHEMAS) -> int:
    """The oldest build that a table or slot of these schemas, or what was published last, stands on; 0 without any.

    A build under way is younger than each of them.
    """
    return int(connection.scalar(_OLDEST, {"schemas": list(schemas)}) or 0)
