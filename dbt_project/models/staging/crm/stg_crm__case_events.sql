{{ config(
    materialized='by_key',
    key='event_key',
    changed_by=[{'raw': ['raw_crm', 'crm_case_events'], 'keys': ['event_id'], 'event': 'occurred_at'}],
    logs=['case_key'],
    indexes=[{'columns': ['event_key']}, {'columns': ['case_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

events as (
    {{ newest_version(source('raw_crm', 'crm_case_events'), ['event_id'], event_at='occurred_at') }}
)

select
    sources.brand,
    sources.source,
    events._version_at,
    events._payload_hash,
    events.event_type,
    events.occurred_at,
    events.actor_type,
    events.actor_id,
    events.channel,
    events.from_value,
    events.to_value,
    events.is_public,
    sources.source || '/' || events.event_id as event_key,
    sources.source || '/' || events.case_id as case_key
from events
inner join sources
    on events._source = sources.source
