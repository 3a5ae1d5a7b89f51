{{ config(
    materialized='by_key',
    key='leg_key',
    changed_by=[{'model': 'stg_call_center__contacts'}],
    logs=['own_node', 'account_node', 'contact_node', 'email_node', 'phone_node'],
    indexes=[{'columns': ['leg_key']}, {'columns': ['own_node']}],
    sparse_indexes=['account_node', 'contact_node', 'email_node', 'phone_node', 'case_key'],
) }}
with

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

named as (
    select
        legs.leg_key,
        legs.call_key,
        legs.brand,
        legs.source,
        legs.initiated_at,
        legs.account_node,
        legs.email_node,
        legs.phone_node,
        {{ contact_node('brand_sources.crm_source', 'legs.verified_contact_id') }} as contact_node,
        brand_sources.crm_source || '/' || legs.case_id as case_key
    from legs
    inner join brand_sources
        on legs.brand = brand_sources.brand
)

-- a person an agent verified is better evidence than the line the call came from
select
    leg_key,
    call_key,
    brand,
    source,
    initiated_at,
    account_node,
    contact_node,
    email_node,
    phone_node,
    case_key,
    coalesce(account_node, contact_node, email_node, phone_node) as own_node,
    case
        when account_node is not null then 1
        when contact_node is not null then 2
        when email_node is not null or phone_node is not null then 3
    end as node_rank
from named
