{#- model, entity, key, instant, whether its records say how things are now, identifiers -#}
{%- set identifiers = [
    ('stg_pos__transactions', 'pos.transactions', 'transaction_key', 'closed_at', 'false', {
        'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'
    }),
    ('stg_crm__contacts', 'crm.contacts', 'contact_key', 'created_at', 'true', {
        'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'
    }),
    ('int_call_references', 'call_center.contacts', 'leg_key', 'initiated_at', 'false', {
        'contact_node': 'verified_contact', 'email_node': 'email', 'phone_node': 'phone'
    }),
] -%}
{{ config(
    materialized='by_key',
    key='left_node',
    changed_by=[
        {'model': 'stg_pos__transactions', 'logged': 'own_node'},
        {'model': 'stg_crm__contacts', 'logged': 'own_node'},
        {'model': 'int_call_references', 'logged': 'own_node'},
        {'model': 'int_declared_links'},
    ],
    logs=['right_node'],
    indexes=[{'columns': ['left_node']}, {'columns': ['right_node']}],
) }}
with

declared_links as (
    select * from {{ ref('int_declared_links') }}
    {{ where_changed() }}
),

-- the account a record names, or its strongest identifier, with every other identifier on the same record
links as (
    {%- for model, entity, key, seen_at, is_standing, nodes in identifiers %}
    {%- for column, link_type in nodes.items() %}
    select
        brand,
        source,
        own_node as left_node,
        {{ column }} as right_node,
        '{{ link_type }}' as link_type,
        {{ seen_at }} as seen_at,
        {{ is_standing }} as is_standing,
        '{{ entity }} ' || {{ key }} as record
    from {{ ref(model) }}
    where own_node <> {{ column }} {{ and_changed('own_node') }}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        brand,
        source,
        left_node,
        right_node,
        link_type,
        seen_at,
        is_standing,
        record
    from declared_links
)

select
    brand,
    left_node,
    right_node,
    link_type,
    min(source) as source,
    count(*) as row_count,
    min({{ byte_order('record') }}) as example_record,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at,
    count(case when is_standing then 1 end) > 0 as is_standing
from links
group by brand, left_node, right_node, link_type
