{%- set identifiers = [
    ('stg_pos__transactions', 'closed_at', {'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'}),
    ('stg_crm__contacts', 'created_at', {'loyalty_node': 'loyalty_id', 'email_node': 'email', 'phone_node': 'phone'}),
    ('int_call_references', 'initiated_at', {
        'contact_node': 'verified_contact', 'email_node': 'email', 'phone_node': 'phone'
    }),
] -%}
with

contact_merges as (
    select * from {{ ref('stg_crm__contact_merges') }}
),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
),

transactions as (
    select * from {{ ref('stg_pos__transactions') }}
),

cases as (
    select * from {{ ref('int_case_references') }}
),

calls as (
    select * from {{ ref('int_call_references') }}
),

brands as (
    {{ build_brands() }}
),

-- the account a record names, or its strongest identifier, with every other identifier on the same record
identifier_links as (
    {%- for model, seen_at, nodes in identifiers %}
    {%- set outer_loop = loop %}
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
    {% if not (loop.last and outer_loop.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
),

merge_links as (
    select
        contact_merges.brand,
        contact_merges.source,
        contact_merges.surviving_node as left_node,
        contact_merges.merged_node as right_node,
        'crm_merge' as link_type,
        contact_merges.merged_at as seen_at
    from contact_merges
    inner join brands
        on contact_merges.brand = brands.brand
    where
        contact_merges.surviving_node <> contact_merges.merged_node
        and (contact_merges.unmerged_at is null or contact_merges.unmerged_at > brands.as_of)
),

master_links as (
    select
        brand,
        source,
        master_node as left_node,
        own_node as right_node,
        'crm_merge' as link_type,
        created_at as seen_at
    from contacts
    where master_node <> own_node
),

order_links as (
    select
        cases.brand,
        cases.source,
        cases.own_node as left_node,
        transactions.own_node as right_node,
        'order_ref' as link_type,
        cases.created_at as seen_at
    from cases
    inner join transactions
        on cases.transaction_key = transactions.transaction_key
    where cases.own_node <> transactions.own_node
),

case_links as (
    select
        calls.brand,
        calls.source,
        calls.own_node as left_node,
        cases.own_node as right_node,
        'case_ref' as link_type,
        calls.initiated_at as seen_at
    from calls
    inner join cases
        on calls.case_key = cases.case_key
    where calls.own_node <> cases.own_node
),

links as (
    select * from identifier_links
    union all
    select * from merge_links
    union all
    select * from master_links
    union all
    select * from order_links
    union all
    select * from case_links
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
