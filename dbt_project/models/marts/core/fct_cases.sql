{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[
        {'model': 'stg_crm__cases'},
        {'model': 'int_case_event_counts'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'int_case_references', 'on': 'own_node'},
        {'model': 'fct_transactions', 'logged': 'transaction_key', 'through': 'int_case_references'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'int_case_references'},
    ],
    logs=['customer_id', 'business_date'],
    indexes=[{'columns': ['case_key']}, {'columns': ['customer_id']}, {'columns': ['created_at']}, {'columns': ['first_response_at']}, {'columns': ['closed_at']}, {'columns': ['business_date']}],
) }}
{%- set began_at = 'least(cases.created_at, event_counts.first_event_at)' -%}
with

cases as (
    select * from {{ ref('stg_crm__cases') }}
    {{ where_changed() }}
),

case_references as (
    select * from {{ ref('int_case_references') }}
),

event_counts as (
    select * from {{ ref('int_case_event_counts') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

locations as (
    select * from {{ ref('stg_pos__locations') }}
),

issue_map as (
    select * from {{ ref('int_issue_map') }}
)

select
    cases.case_key,
    cases.brand,
    cases.source,
    cases.case_id,
    -- a case without a contact belongs to whoever placed the order it names
    coalesce(customer_nodes.customer_id, transactions.customer_id) as customer_id,
    cases.origin_channel,
    cases.case_kind,
    coalesce(issue_map.issue_code, cases.issue_type) as issue_code,
    issue_map.journey_stage as issue_stage,
    case_references.location_key,
    cases.queue_id,
    cases.priority,
    cases.severity,
    cases.status,
    -- exports with one record per change of state know the beginning by the first event only
    {{ began_at }} as created_at,
    coalesce(cases.first_response_at, event_counts.first_reply_at) as first_response_at,
    cases.resolved_at,
    cases.closed_at,
    {{ local_date(began_at, 'coalesce(locations.timezone, cases.timezone)') }} as business_date,
    cases.closed_at is not null or cases.status = 'closed' as is_closed,
    cases.is_escalated,
    coalesce(event_counts.event_count, 0) as event_count,
    coalesce(event_counts.customer_event_count, 0) as customer_event_count,
    coalesce(event_counts.public_event_count, 0) as public_event_count,
    coalesce(event_counts.transfer_count, 0) as transfer_count,
    coalesce(event_counts.reopen_count, 0) as reopen_count,
    event_counts.apologised_at,
    cases.record_viewed_at,
    cases.parent_case_key,
    case_references.transaction_key,
    cases.resolution_code
from cases
inner join case_references
    on cases.case_key = case_references.case_key
left join event_counts
    on cases.case_key = event_counts.case_key
left join customer_nodes
    on
        cases.brand = customer_nodes.brand
        and cases.own_node = customer_nodes.node
left join transactions
    on case_references.transaction_key = transactions.transaction_key
left join locations
    on case_references.location_key = locations.location_key
left join issue_map
    on
        cases.source = issue_map.source
        and cases.issue_type = issue_map.code
