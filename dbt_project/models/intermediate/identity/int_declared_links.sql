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
)

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
union all
select
    brand,
    source,
    master_node as left_node,
    own_node as right_node,
    'crm_merge' as link_type,
    created_at as seen_at
from contacts
where master_node <> own_node
union all
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
union all
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
