{%- set identifiers = [
    ('stg_pos__transactions', 'closed_at', {'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'}),
    ('stg_crm__contacts', 'created_at', {'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'}),
    ('int_call_references', 'initiated_at', {
        'contact_node': 'verified_contact', 'email_node': 'email', 'phone_node': 'phone'
    }),
] -%}
with

declared_links as (
    select * from {{ ref('int_declared_links') }}
),

-- the account a record names, or its strongest identifier, with every other identifier on the same record
links as (
    {%- for model, seen_at, nodes in identifiers %}
    {%- for column, link_type in nodes.items() %}
    select
        brand,
        source,
        own_node as left_node,
        {{ column }} as right_node,
        '{{ link_type }}' as link_type,
        {{ seen_at }} as seen_at
    from {{ ref(model) }}
    where own_node <> {{ column }}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        brand,
        source,
        left_node,
        right_node,
        link_type,
        seen_at
    from declared_links
)

select
    brand,
    left_node,
    right_node,
    link_type,
    min(source) as source,
    count(*) as row_count,
    min(seen_at) as first_seen_at
from links
group by brand, left_node, right_node, link_type
