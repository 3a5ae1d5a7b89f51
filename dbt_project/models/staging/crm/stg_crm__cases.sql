{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[{'raw': ['raw_crm', 'crm_cases'], 'keys': ['case_id'], 'event': 'created_at'}],
    logs=['own_node'],
    indexes=[{'columns': ['case_key']}],
    sparse_indexes=['own_node'],
) }}
with

sources as (
    {{ build_sources() }}
),

cases as (
    {{ newest_version(source('raw_crm', 'crm_cases'), ['case_id'], event_at='created_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'crm'
)

select
    sources.brand,
    sources.source,
    cases._version_at,
    cases._payload_hash,
    sources.timezone,
    cases.case_id,
    cases.case_kind,
    cases.issue_type,
    cases.order_ref,
    cases.location_id,
    cases.queue_id,
    cases.priority,
    cases.severity,
    cases.status,
    cases.created_at,
    cases.first_response_at,
    cases.resolved_at,
    cases.closed_at,
    cases.record_viewed_at,
    cases.owner_employee_id,
    cases.is_escalated,
    cases.resolution_code,
    sources.source || '/' || cases.case_id as case_key,
    sources.source || '/' || cases.parent_case_id as parent_case_key,
    {{ contact_node('sources.source', 'cases.contact_id') }} as own_node,
    coalesce(channel_map.channel, 'other') as origin_channel
from cases
inner join sources
    on cases._source = sources.source
left join channel_map
    on cases.origin_channel = channel_map.code
