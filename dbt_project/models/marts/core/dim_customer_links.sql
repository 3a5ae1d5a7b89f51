{#- The gravest verdict first, in the order of touchline.identity.frames. -#}
{%- set verdicts = [
    'stated_default', 'shared_identifier', 'recycled_identifier', 'conflicting_loyalty_ids', 'accounts_of_one_source',
] -%}
{{ config(
    materialized='by_key',
    key='left_node',
    changed_by=[
        {'model': 'int_identity_edges'},
        {'step': ['identity', 'changes'], 'logged': 'node'},
        {'step': ['identity', 'changes'], 'logged': 'node', 'through': 'int_identity_edges', 'on': 'right_node'},
    ],
    indexes=[{'columns': ['left_node']}],
) }}
with

edges as (
    select * from {{ ref('int_identity_edges') }}
    {{ where_changed() }}
),

-- the ends are looked up by key, so their table is named twice: an expression used twice would be made in full
judged as (
    select
        edges.*,
        left_nodes.node_kind as left_kind,
        right_nodes.node_kind as right_kind,
        coalesce(left_nodes.customer_id, right_nodes.customer_id) as customer_id,
        case
            {%- for verdict in verdicts %}
            when '{{ verdict }}' in (left_nodes.reason, right_nodes.reason) then '{{ verdict }}'
            {%- endfor %}
        end as refusal_reason
    from edges
    inner join {{ source('identity', 'nodes') }} as left_nodes
        on
            edges.brand = left_nodes.brand
            and edges.left_node = left_nodes.node
    inner join {{ source('identity', 'nodes') }} as right_nodes
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
