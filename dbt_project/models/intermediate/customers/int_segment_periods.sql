{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'stg_crm__segment_memberships', 'logged': 'own_node', 'through': 'int_customer_nodes', 'on': 'node'},
        {'model': 'stg_crm__contacts', 'logged': 'own_node', 'through': 'int_customer_nodes', 'on': 'node'},
        {'model': 'int_customer_nodes'},
    ],
    indexes=[{'columns': ['customer_id']}],
    sparse_indexes=['begins_at', 'ends_at'],
) }}
{%- set zone = "'" ~ var('reporting_timezone') ~ "'" -%}
with

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
    {{ where_changed() }}
),

memberships as (
    select
        memberships.*,
        customer_nodes.customer_id
    from {{ ref('stg_crm__segment_memberships') }} as memberships
    inner join customer_nodes
        on
            memberships.brand = customer_nodes.brand
            and memberships.own_node = customer_nodes.node
),

contacts as (
    select
        contacts.*,
        customer_nodes.customer_id
    from {{ ref('stg_crm__contacts') }} as contacts
    inner join customer_nodes
        on
            contacts.brand = customer_nodes.brand
            and contacts.own_node = customer_nodes.node
),

contacts_with_history as (
    select distinct own_node from memberships
),

-- a contact without a history has always been in the segment it is in now, as far as anyone can tell
undated as (
    select
        contacts.brand,
        contacts.customer_id,
        contacts.segment_code,
        cast('0001-01-01' as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as boolean) as is_target
    from contacts
    left join contacts_with_history
        on contacts.own_node = contacts_with_history.own_node
    where contacts.segment_code is not null and contacts_with_history.own_node is null
),

periods as (
    select
        brand,
        customer_id,
        segment_code,
        valid_from,
        valid_to,
        is_target
    from memberships
    union all
    select * from undated
),

merged as (
    select
        brand,
        customer_id,
        segment_code,
        valid_from,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to,
        max(cast(is_target as integer)) = 1 as is_target
    from periods
    group by brand, customer_id, segment_code, valid_from
)

select
    brand,
    customer_id,
    segment_code,
    valid_from,
    valid_to,
    is_target,
    case when valid_from > cast('0001-01-01' as date) then {{ day_begins('valid_from', zone) }} end as begins_at,
    case when valid_to < cast('9999-12-31' as date) then {{ day_begins('valid_to', zone) }} end as ends_at
from merged
