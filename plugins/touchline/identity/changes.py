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
    session.execute("create temporary table doubled on commit drop as select distinct brand, node from changed")
    session.execute("drop table changed")
    session.execute("alter table doubled rename to changed")
    session.execute("analyze changed")
    row = session.execute("select count(*) from changed").fetchone()
    return int(row[0]) if row else 0
