"""The part of the state that a change touches, solved anew.

No verdict reaches beyond its island, and of the identifiers outside all islands (shared or stated) a change reaches the
neighbours only when one stops being shared. So the islands of changed nodes are solved, and nothing else.
"""

import polars as pl
import psycopg

from touchline.identity.frames import EDGES, NODES, IdentityRules
from touchline.identity.origins import first_names
from touchline.identity.state import copy_in, read, write_part

_TOUCHED = """
create temporary table touched on commit drop as
select distinct nodes.island
from identity.nodes inner join changed using (brand, node)
where nodes.island is not null
"""

_BEFORE = """
create temporary table before on commit drop as
select nodes.* from identity.nodes inner join touched using (island)
union all
select nodes.* from identity.nodes inner join changed using (brand, node) where nodes.island is null
"""

_SYNC_NODES = (
    """
    create temporary table present on commit drop as
    select brand, node, node_kind, first_seen_at
    from intermediate.int_identity_nodes inner join changed using (brand, node)
    """,
    "analyze present",
    """
    delete from identity.nodes using changed
    where nodes.brand = changed.brand and nodes.node = changed.node
        and not exists (
            select from present where present.brand = changed.brand and present.node = changed.node
        )
    """,
    """
    insert into identity.nodes (brand, node, node_kind, first_seen_at, build_id)
    select brand, node, node_kind, first_seen_at, %(build_id)s from present
    on conflict (brand, node) do update
    set node_kind = excluded.node_kind, first_seen_at = excluded.first_seen_at, build_id = excluded.build_id
    where (nodes.node_kind, nodes.first_seen_at) is distinct from (excluded.node_kind, excluded.first_seen_at)
    """,
    """
    update identity.nodes set reason = 'stated_default'
    from present, stated
    where nodes.brand = present.brand and nodes.node = present.node and nodes.reason is null
        and stated.node = present.node and stated.brand in ('*', present.brand)
    """,
)

# Both ends of a changed edge are changed nodes.
_SYNC_LINKS = (
    """
    delete from identity.links using changed as one, changed as other
    where links.brand = one.brand and links.left_node = one.node
        and links.brand = other.brand and links.right_node = other.node
    """,
    """
    insert into identity.links
    select edges.brand, left_node, right_node, link_type, first_seen_at, last_seen_at, is_standing
    from intermediate.int_identity_edges as edges
    inner join changed as one on edges.brand = one.brand and edges.left_node = one.node
    inner join changed as other on edges.brand = other.brand and edges.right_node = other.node
    """,
)

# Counted as in guards.judge_frequency: accounts and stronger identifiers beside it that are not stated defaults.
_RELEASED = """
create temporary table released on commit drop as
with strengths (node_kind, strength) as (
    values ('phone', 0), ('email', 1), ('loyalty', 2), ('customer', 3), ('contact', 3)
),
shared as (
    select nodes.brand, nodes.node, strength
    from identity.nodes inner join changed using (brand, node) inner join strengths using (node_kind)
    where nodes.reason = 'shared_identifier'
),
beside as (
    select shared.*, right_node as other
    from shared inner join identity.links on shared.brand = links.brand and shared.node = links.left_node
    union all
    select shared.*, left_node
    from shared inner join identity.links on shared.brand = links.brand and shared.node = links.right_node
),
people as (
    select beside.brand, beside.node, count(distinct other) as people
    from beside
    inner join identity.nodes on beside.brand = nodes.brand and beside.other = nodes.node
    inner join strengths on nodes.node_kind = strengths.node_kind
    where strengths.strength > beside.strength and nodes.reason is distinct from 'stated_default'
    group by beside.brand, beside.node
)
select shared.brand, shared.node
from shared left join people using (brand, node)
where coalesce(people.people, 0) <= %(max_people)s
"""

_TOUCH_RELEASED = (
    "analyze released",
    """
    create temporary table touched_late on commit drop as
    select distinct nodes.island
    from (
        select released.brand, right_node as node
        from released inner join identity.links on released.brand = links.brand and released.node = links.left_node
        union all
        select released.brand, left_node
        from released inner join identity.links on released.brand = links.brand and released.node = links.right_node
    ) as beside
    inner join identity.nodes using (brand, node)
    where nodes.island is not null and not exists (select from touched where touched.island = nodes.island)
    """,
    "insert into before select nodes.* from identity.nodes inner join touched_late using (island)",
    "insert into touched select island from touched_late",
    "analyze touched",
    "analyze before",
)

_SUBJECT = (
    """
    create temporary table subject on commit drop as
    select brand, node, node_kind, first_seen_at from identity.nodes inner join touched using (island)
    union
    select brand, node, node_kind, first_seen_at
    from identity.nodes inner join changed using (brand, node)
    where nodes.reason is null or nodes.reason not in ('shared_identifier', 'stated_default')
    union
    select brand, node, node_kind, first_seen_at from identity.nodes inner join released using (brand, node)
    """,
    "create unique index on subject (brand, node)",
    "analyze subject",
)

_SUBJECT_LINKS = """(
    select links.* from identity.links
    inner join subject as one on links.brand = one.brand and links.left_node = one.node
    inner join subject as other on links.brand = other.brand and links.right_node = other.node
) as inside"""

# Not only what was solved: a shared identifier keeps its verdict unsolved, a stated one is given it while it is synced.
_JUDGED = """
create temporary table judged on commit drop as
select nodes.*
from identity.nodes inner join (select brand, node from before union select brand, node from changed) as looked_at
    using (brand, node)
"""


def touch(session: psycopg.Connection) -> int:
    """Name the islands of the temporary table `changed` and return the number of their customers."""
    # A few thousand rows of millions: on today's disks an index is the shorter way, whatever the server believes.
    session.execute("set local random_page_cost = 1.1")
    session.execute(_TOUCHED)
    session.execute("analyze touched")
    row = session.execute(
        "select count(*) from identity.nodes inner join touched using (island) where nodes.is_anchor"
    ).fetchone()
    return int(row[0]) if row else 0


def solve_touched(session: psycopg.Connection, build_id: int, rules: IdentityRules) -> None:
    """Bring the state up to date with intermediate.int_identity_nodes and _edges where they changed.

    Leaves the temporary tables `before` (rows of the touched nodes as they were), `judged` (as they are) and `solved`
    (those of them that were solved anew).
    """
    parameters = {"build_id": build_id, "max_people": rules.max_people_per_identifier}
    session.execute("create temporary table stated (brand text, node text) on commit drop")
    stated = pl.DataFrame(sorted(rules.stated_defaults), schema={"brand": pl.String, "node": pl.String}, orient="row")
    copy_in(session, "stated", stated)
    session.execute("analyze stated")
    session.execute(_BEFORE)
    for statement in (*_SYNC_NODES, *_SYNC_LINKS, _RELEASED, *_TOUCH_RELEASED, *_SUBJECT):
        session.execute(statement, parameters if "%(" in statement else None)
    nodes = read(session, "subject", NODES)
    edges = read(session, _SUBJECT_LINKS, EDGES)
    write_part(session, build_id, first_names(session).solve(nodes, edges, rules))
    session.execute(_JUDGED)
    session.execute("analyze judged")
