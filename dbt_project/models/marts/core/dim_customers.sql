{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_nodes'},
        {'model': 'int_node_sightings', 'logged': 'node', 'through': 'int_customer_nodes'},
        {'model': 'fct_transactions'},
        {'model': 'int_customer_profiles'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

sightings as (
    select * from {{ ref('int_node_sightings') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
    {{ where_changed() }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    {{ where_changed() }}
),

seen as (
    select
        customer_nodes.brand,
        customer_nodes.customer_id,
        min(sightings.first_seen_at) as first_seen_at,
        max(sightings.last_seen_at) as last_seen_at,
        count(distinct sightings.node) as node_count,
        count(distinct case when sightings.node_kind in ('customer', 'contact') then sightings.node end) as account_count,
        count(distinct sightings.source) as source_count,
        count(case when sightings.source_kind = 'pos' then 1 end) > 0 as has_pos,
        count(case when sightings.source_kind = 'crm' then 1 end) > 0 as has_crm,
        count(case when sightings.source_kind = 'call_center' then 1 end) > 0 as has_call_center
    from customer_nodes
    inner join sightings
        on
            customer_nodes.brand = sightings.brand
            and customer_nodes.node = sightings.node
    group by customer_nodes.brand, customer_nodes.customer_id
),

first_transactions as (
    select
        brand,
        customer_id,
        min(closed_at) as first_transaction_at
    from transactions
    where customer_id is not null {{ and_changed() }}
    group by brand, customer_id
)

select
    seen.customer_id,
    seen.brand,
    seen.first_seen_at,
    seen.last_seen_at,
    first_transactions.first_transaction_at,
    seen.node_count,
    seen.source_count,
    seen.has_pos,
    seen.has_crm,
    seen.has_call_center,
    case when seen.account_count > 1 or seen.source_count > 1 then 'linked' else 'single' end as identity_quality,
    profiles.segment_code,
    profiles.preferred_channel
from seen
left join first_transactions
    on
        seen.brand = first_transactions.brand
        and seen.customer_id = first_transactions.customer_id
left join profiles
    on
        seen.brand = profiles.brand
        and seen.customer_id = profiles.customer_id
