"""The part of the state that a change touches, solved anew.

No verdict reaches beyond its island, and of the identifiers outside all islands (shared or stated) a change reaches the
neighbours only when one stops being shared. So the islands of changed nodes are solved, and nothing else.

A changed node is looked up in the state once: the temporary table `before` holds the touched rows as they were, `after`
as they are to be, and what is written is the difference.
"""

import polars as pl
import psycopg

from touchline.identity.frames import EDGES, NODES, IdentityRules
from touchline.identity.origins import first_names
from touchline.identity.state import copy_in, read, write_part

_TOUCHED = (
    """
    create temporary table known on commit drop as
    select nodes.* from identity.nodes inner join changed using (brand, node)
    """,
    "analyze known",
    "create temporary table touched on commit drop as select distinct island from known where island is not null",
    "analyze touched",
    """
    create temporary table before on commit drop as
    select nodes.* from identity.nodes inner join touched using (island)
    union all
    select * from known where island is null
    """,
    "analyze before",
)

# With the verdicts that stand without a look at the graph; whoever was shared is, until released.
_PRESENT = (
    """
    create temporary table present on commit drop as
    select
        brand, node, new.node_kind, new.first_seen_at,
        case
            when exists (select from stated where stated.node = new.node and stated.brand in ('*', brand))
                then 'stated_default'
            when known.reason = 'shared_identifier' then known.reason
        end as reason
    from intermediate.int_identity_nodes as new
    inner join changed using (brand, node)
    left join known using (brand, node)
    """,
    "create unique index on present (brand, node)",
    "analyze present",
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

# More than a person has with one identifier. Were it too few, the identifier would be judged with all its neighbours,
# and found shared again.
LINKS_OF_A_PERSON = 20

# Counted as in guards.judge_frequency: accounts and stronger identifiers beside it that are not stated defaults.
# A till's own phone has more neighbours each day; the first few prove it shared, and no more are read.
_STRENGTH = "case {} when 'phone' then 0 when 'email' then 1 when 'loyalty' then 2 else 3 end"
_RELEASED = f"""
create temporary table released on commit drop as
select shared.brand, shared.node
from present as shared
where shared.reason = 'shared_identifier' and %(max_people)s >= (
    select count(distinct person.other)
    from (
        select beside.other
        from (
            select right_node as other
            from identity.links
            where links.brand = shared.brand and links.left_node = shared.node
            union all
            select left_node
            from identity.links
            where links.brand = shared.brand and links.right_node = shared.node
        ) as beside
        left join identity.nodes on nodes.brand = shared.brand and nodes.node = beside.other
        left join present on present.brand = shared.brand and present.node = beside.other
        where
            {_STRENGTH.format("coalesce(present.node_kind, nodes.node_kind)")}
                > {_STRENGTH.format("shared.node_kind")}
            and coalesce(present.reason, nodes.reason) is distinct from 'stated_default'
        limit %(max_links)s
    ) as person
)
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
    """
    update present set reason = null
    from released
    where present.brand = released.brand and present.node = released.node
    """,
)

_SUBJECT = (
    """
    create temporary table subject on commit drop as
    select brand, node, node_kind, first_seen_at
    from before
    where island is not null
        and not exists (select from changed where changed.brand = before.brand and changed.node = before.node)
    union all
    select brand, node, node_kind, first_seen_at from present where reason is null
    """,
    "create unique index on subject (brand, node)",
    "analyze subject",
)

_SUBJECT_LINKS = """(
    select links.* from identity.links
    inner join subject as one on links.brand = one.brand and links.left_node = one.node
    inner join subject as other on links.brand = other.brand and links.right_node = other.node
) as inside"""

_KEEP_REFUSED = """
insert into after (brand, node, node_kind, first_seen_at, reason, is_anchor, build_id)
select brand, node, node_kind, first_seen_at, reason, false, %(build_id)s from present where reason is not null
"""


def touch(session: psycopg.Connection) -> int:
    """Gather what the changes of the temporary table `changed` touch and return the number of its customers.

    Leaves the temporary tables `known` (the changed nodes as they were) and `before` (with all of their islands).
    """
    # A few thousand rows of millions: on today's disks an index is the shorter way, whatever the server believes.
    session.execute("set local random_page_cost = 1.1")
    for statement in _TOUCHED:
        session.execute(statement)
    row = session.execute("select count(*) from before where is_anchor").fetchone()
    return int(row[0]) if row else 0


def solve_touched(session: psycopg.Connection, build_id: int, rules: IdentityRules) -> None:
    """Bring the state up to date with intermediate.int_identity_nodes and _edges where they changed, after `touch`.

    Leaves the temporary tables `before` and `after`: the rows that were looked at, as they were and as they are.
    """
    parameters = {
        "build_id": build_id,
        "max_people": rules.max_people_per_identifier,
        "max_links": (rules.max_people_per_identifier + 1) * LINKS_OF_A_PERSON,
    }
    session.execute("create temporary table stated (brand text, node text) on commit drop")
    stated = pl.DataFrame(sorted(rules.stated_defaults), schema={"brand": pl.String, "node": pl.String}, orient="row")
    copy_in(session, "stated", stated)
    session.execute("analyze stated")
    for statement in (*_PRESENT, *_SYNC_LINKS, _RELEASED, *_TOUCH_RELEASED, *_SUBJECT):
        session.execute(statement, parameters if "%(" in statement else None)
    nodes = read(session, "subject", NODES)
    edges = read(session, _SUBJECT_LINKS, EDGES)
    solved = first_names(session).solve(nodes, edges, rules)
    session.execute("create temporary table after (like identity.nodes) on commit drop")
    copy_in(session, "after", solved.with_columns(pl.lit(build_id).alias("build_id")))
    session.execute(_KEEP_REFUSED, parameters)
    write_part(session)
