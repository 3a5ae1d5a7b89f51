"""Old customer ids lead to whoever holds their people now.

A customer id is made from a node, its anchor. An id that is no longer given leads to the customer that holds its
anchor; when the anchor itself is gone, to the one that holds the earliest of its members left. A target is always an id
that is given now, so a redirect never leads to a redirect. An id given again (a merge undone) ends its redirect.
"""

import psycopg

# Ids that ceased to be given, and open redirects whose anchor or heir was solved anew, with where they led before.
_LOST = """
create temporary table lost on commit drop as
with moved as (
    select brand, node from before
    union
    select brand, node from {after}
)
select before.brand, before.customer_id as old_customer_id, before.node as anchor_node, before.node as heir_node,
    before.customer_id as led_to, false as is_open
from before
where before.is_anchor and not exists (
    select from identity.nodes where nodes.customer_id = before.customer_id and nodes.is_anchor
)
union
select redirects.brand, redirects.old_customer_id, redirects.anchor_node, redirects.heir_node,
    redirects.customer_id, true
from identity.redirects inner join moved on redirects.brand = moved.brand and redirects.anchor_node = moved.node
where redirects.valid_to is null
union
select redirects.brand, redirects.old_customer_id, redirects.anchor_node, redirects.heir_node,
    redirects.customer_id, true
from identity.redirects inner join moved on redirects.brand = moved.brand and redirects.heir_node = moved.node
where redirects.valid_to is null
"""

# The earliest member left: in the order in which components.py picks the node an id is made from.
_SURVIVORS = """
create temporary table survivors on commit drop as
select brand, led_to, node, customer_id
from (
    select before.brand, before.customer_id as led_to, nodes.node, nodes.customer_id,
        row_number() over (
            partition by before.brand, before.customer_id
            order by
                (nodes.node_kind not in ('customer', 'contact')), nodes.first_seen_at nulls last,
                nodes.node collate "C"
        ) as place
    from before
    inner join identity.nodes using (brand, node)
    where before.customer_id in (select led_to from lost) and nodes.customer_id is not null
) as ranked
where place = 1
"""

_FOUND = """
create temporary table found on commit drop as
select lost.brand, lost.old_customer_id, lost.anchor_node, lost.is_open, lost.led_to,
    coalesce(anchors.node, heirs.node, survivors.node, lost.heir_node) as heir_node,
    coalesce(anchors.customer_id, heirs.customer_id, survivors.customer_id) as customer_id
from lost
left join identity.nodes as anchors
    on lost.brand = anchors.brand and lost.anchor_node = anchors.node and anchors.customer_id is not null
left join identity.nodes as heirs
    on lost.brand = heirs.brand and lost.heir_node = heirs.node and heirs.customer_id is not null
left join survivors
    on lost.brand = survivors.brand and lost.led_to = survivors.led_to
"""

# What began in this very build never held for a reader: it is dropped, not ended.
_END = (
    """
    create temporary table ended on commit drop as
    select old_customer_id from found
    where is_open and (customer_id is distinct from led_to or customer_id = old_customer_id)
    """,
    """
    delete from identity.redirects using ended
    where redirects.old_customer_id = ended.old_customer_id and redirects.valid_to is null
        and redirects.from_build = %(build_id)s
    """,
    """
    update identity.redirects set until_build = %(build_id)s, valid_to = %(at)s
    from ended
    where redirects.old_customer_id = ended.old_customer_id and redirects.valid_to is null
    """,
)

_BEGIN = """
insert into identity.redirects (brand, old_customer_id, customer_id, anchor_node, heir_node, from_build, valid_from)
select brand, old_customer_id, customer_id, anchor_node, heir_node, %(build_id)s, %(at)s
from found
where
    customer_id is distinct from old_customer_id
    and (not is_open or customer_id is distinct from led_to)
"""

_KEEP = """
update identity.redirects set heir_node = found.heir_node
from found
where redirects.old_customer_id = found.old_customer_id and redirects.valid_to is null
    and redirects.heir_node <> found.heir_node
"""


def redirect(session: psycopg.Connection, build_id: int, after: str) -> None:
    """Begin, correct and end redirects after a solve, as of the instant the build was frozen.

    Reads the temporary table `before` and `after`, the relation of the nodes solved anew.
    """
    row = session.execute("select frozen_at from ops.builds where build_id = %s", [build_id]).fetchone()
    parameters = {"build_id": build_id, "at": row[0] if row else None}
    session.execute(_LOST.format(after=after).encode())
    # Without statistics of its tables, each step may compare everything with everything.
    for statement in ("analyze lost", _SURVIVORS, "analyze survivors", _FOUND, "analyze found", *_END, _BEGIN, _KEEP):
        session.execute(statement, parameters if "%(" in statement else None)
