"""Which nodes differ between the state and the build at hand."""

import psycopg

_COMPARE_NODES = """
insert into changed
select brand, node
from (select brand, node, node_kind, first_seen_at from intermediate.int_identity_nodes) as new
full join (select brand, node, node_kind, first_seen_at from identity.nodes) as old using (brand, node)
where new.node_kind is distinct from old.node_kind or new.first_seen_at is distinct from old.first_seen_at
"""

_COMPARE_LINKS = """
with differing as (
    select brand, left_node, right_node
    from intermediate.int_identity_edges as new
    full join identity.links as old using (brand, left_node, right_node, link_type)
    where
        new.first_seen_at is distinct from old.first_seen_at
        or new.last_seen_at is distinct from old.last_seen_at
        or new.is_standing is distinct from old.is_standing
)
insert into changed
select brand, left_node from differing
union
select brand, right_node from differing
"""


FOLLOWED = (("int_identity_nodes", "node"), ("int_identity_edges", "left_node"), ("int_identity_edges", "right_node"))
"""Models and columns whose entries in the change log name the nodes to look at."""

# A table made in full has logged nothing of what it changed then.
_IS_LOGGED = """
select bool_and(coalesce(cast(substring(label from 'in full ([0-9]+)') as bigint) <= %(since)s, false))
from (
    select obj_description(to_regclass('intermediate.' || model), 'pg_class') as label
    from unnest(%(models)s::text[]) as model
) as labels
"""

# The log does not say whose brand a node is: it is looked at in each brand that has or had it.
_LOGGED = """
create temporary table logged on commit drop as
with keys as (
    select log.key as node
    from changes.changed_keys as log
    inner join unnest(%(models)s::text[], %(columns)s::text[]) as followed (model, column_name)
        using (model, column_name)
    where log.build_id > %(since)s and log.build_id <= %(build_id)s
)
select brand, node from intermediate.int_identity_nodes where node in (select node from keys)
union
select brand, node from identity.nodes where node in (select node from keys)
"""


def log_since(session: psycopg.Connection, since: int, build_id: int) -> str | None:
    """Name of a relation for `find_changed`, made of the change log of the builds after `since` up to `build_id`.

    None when the log does not tell, because a table was made in full in between.
    """
    models, columns = zip(*FOLLOWED, strict=True)
    parameters = {"since": since, "build_id": build_id, "models": list(models), "columns": list(columns)}
    row = session.execute(_IS_LOGGED, parameters).fetchone()
    if not row or not row[0]:
        return None
    session.execute(_LOGGED, parameters)
    return "logged"


def find_changed(session: psycopg.Connection, relation: str | None) -> int:
    """Fill the temporary table `changed` (brand, node) and return its number of rows.

    `relation`, a table or view of this database, names every node that came, went or is first seen at another time,
    and both ends of every edge that came, went or was in use at another time, since the build of the state. Without
    it all nodes and edges are compared with those of the state, which reads both whole.
    """
    session.execute("create temporary table changed (brand text not null, node text not null) on commit drop")
    if relation is None:
        session.execute(_COMPARE_NODES)
        session.execute(_COMPARE_LINKS)
    else:
        session.execute(f"insert into changed select brand, node from {relation}".encode())
    session.execute(
        # In the order of the indexes they are looked up by: neighbours share pages.
        "create temporary table doubled on commit drop as select distinct brand, node from changed order by node, brand"
    )
    session.execute("drop table changed")
    session.execute("alter table doubled rename to changed")
    session.execute("analyze changed")
    row = session.execute("select count(*) from changed").fetchone()
    return int(row[0]) if row else 0
