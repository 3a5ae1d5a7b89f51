{{ config(tags=['model']) }}
-- identity resolution has read this very build: every node belongs to exactly one person
select
    nodes.brand,
    nodes.node,
    count(members.customer_id) as member_count
from {{ ref('int_identity_nodes') }} as nodes
left join {{ ref('int_customer_nodes') }} as members
    on
        nodes.brand = members.brand
        and nodes.node = members.node
group by nodes.brand, nodes.node
having count(members.customer_id) <> 1
