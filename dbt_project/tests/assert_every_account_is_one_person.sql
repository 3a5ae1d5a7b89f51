{{ config(tags=['model']) }}
-- identity resolution has read this very build: an account is exactly one person, an identifier at most one (none where it
-- is shared by too many to name anybody)
with

nodes as (
    select * from {{ ref('int_identity_nodes') }}
    {{ where_changed_since_publication([ref('int_identity_nodes'), ref('int_customer_nodes')]) }}
)

select
    nodes.brand,
    nodes.node,
    count(members.customer_id) as member_count
from nodes
left join {{ ref('int_customer_nodes') }} as members
    on
        nodes.brand = members.brand
        and nodes.node = members.node
group by nodes.brand, nodes.node, nodes.node_kind
having
    count(members.customer_id) > 1
    or (nodes.node_kind in ('customer', 'contact') and count(members.customer_id) = 0)
