with

edges as (
    select * from {{ ref('int_identity_edges') }}
),

-- of the two ends of a refused link the graver verdict is the reason, in the order of touchline.identity.frames
nodes as (
    select
        brand,
        node,
        node_kind,
        customer_id,
        reason,
        case reason
            when 'accounts_of_one_source' then 1
            when 'conflicting_loyalty_ids' then 2
            when 'recycled_identifier' then 3
            when 'shared_identifier' then 4
            when 'stated_default' then 5
            else 0
        end as gravity
    from {{ source('identity', 'nodes') }}
),

judged as (
    select
        edges.*,
        left_nodes.node_kind as left_kind,
        right_nodes.node_kind as right_kind,
        coalesce(left_nodes.customer_id, right_nodes.customer_id) as customer_id,
        case
            when left_nodes.gravity >= right_nodes.gravity then left_nodes.reason
            else right_nodes.reason
        end as refusal_reason
    from edges
    inner join nodes as left_nodes
        on
            edges.brand = left_nodes.brand
            and edges.left_node = left_nodes.node
    inner join nodes as right_nodes
        on
            edges.brand = right_nodes.brand
            and edges.right_node = right_nodes.node
)

select
    customer_id,
    brand,
    left_node,
    left_kind,
    right_node,
    right_kind,
    link_type,
    refusal_reason is null as is_used,
    refusal_reason,
    source,
    row_count,
    example_record,
    first_seen_at,
    last_seen_at
from judged
