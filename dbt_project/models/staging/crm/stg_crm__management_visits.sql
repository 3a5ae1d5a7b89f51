{{ config(
    materialized='by_key',
    key='visit_key',
    changed_by=[{'raw': ['raw_crm', 'crm_management_visits'], 'keys': ['visit_id'], 'event': 'started_at'}],
    indexes=[{'columns': ['visit_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

visits as (
    {{ newest_version(source('raw_crm', 'crm_management_visits'), ['visit_id'], event_at='started_at') }}
)

select
    sources.brand,
    sources.source,
    visits._version_at,
    visits._payload_hash,
    visits.visit_id,
    visits.employee_id,
    visits.location_id,
    visits.queue_id,
    visits.started_at,
    visits.ended_at,
    visits.activity,
    sources.source || '/' || visits.visit_id as visit_key,
    sources.timezone
from visits
inner join sources
    on visits._source = sources.source
