{{ config(
    materialized='by_key',
    key='left_node',
    changed_by=[
        {'model': 'stg_crm__contact_merges', 'logged': 'surviving_node'},
        {'due': ['unmerged_at'], 'through': 'stg_crm__contact_merges', 'key': 'surviving_node'},
        {'model': 'stg_crm__contacts', 'logged': 'master_node'},
        {'model': 'int_case_references', 'logged': 'own_node'},
        {'model': 'stg_pos__transactions', 'logged': 'transaction_key', 'through': 'int_case_references', 'key': 'own_node'},
        {'model': 'int_call_references', 'logged': 'own_node'},
        {'model': 'int_case_references', 'logged': 'case_key', 'through': 'int_call_references', 'key': 'own_node'},
    ],
    indexes=[{'columns': ['left_node']}],
) }}
with

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
    {{ where_changed('master_node') }}
),

calls as (
    select * from {{ ref('int_call_references') }}
    {{ where_changed('own_node') }}
),

standing_merges as (
    select
        contact_merges.*,
        contact_merges.unmerged_at is null or contact_merges.unmerged_at > brands.as_of as is_standing
    from {{ ref('stg_crm__contact_merges') }} as contact_merges
    inner join ({{ build_brands() }}) as brands
        on contact_merges.brand = brands.brand
    {{ where_changed('contact_merges.surviving_node') }}
)

select
    brand,
    source,
    surviving_node as left_node,
    merged_node as right_node,
    'crm_merge' as link_type,
    merged_at as seen_at,
    true as is_standing,
    'crm.contact_merges ' || merge_key as record
from standing_merges
where is_standing and surviving_node <> merged_node
union all
-- a merge that was undone beats a master that the contact's record still names
select
    contacts.brand,
    contacts.source,
    contacts.master_node as left_node,
    contacts.own_node as right_node,
    'crm_merge' as link_type,
    contacts.created_at as seen_at,
    true as is_standing,
    'crm.contacts ' || contacts.contact_key as record
from contacts
left join standing_merges
    on
        contacts.brand = standing_merges.brand
        and contacts.master_node = standing_merges.surviving_node
        and contacts.own_node = standing_merges.merged_node
where
    contacts.master_node <> contacts.own_node
    and coalesce(standing_merges.is_standing, true)
union all
select
    cases.brand,
    cases.source,
    cases.own_node as left_node,
    transactions.own_node as right_node,
    'order_ref' as link_type,
    cases.created_at as seen_at,
    false as is_standing,
    'crm.cases ' || cases.case_key as record
from {{ ref('int_case_references') }} as cases
inner join {{ ref('stg_pos__transactions') }} as transactions
    on cases.transaction_key = transactions.transaction_key
where cases.own_node <> transactions.own_node {{ and_changed('cases.own_node') }}
union all
select
    calls.brand,
    calls.source,
    calls.own_node as left_node,
    cases.own_node as right_node,
    'case_ref' as link_type,
    calls.initiated_at as seen_at,
    false as is_standing,
    'call_center.contacts ' || calls.leg_key as record
from calls
inner join {{ ref('int_case_references') }} as cases
    on calls.case_key = cases.case_key
where calls.own_node <> cases.own_node
