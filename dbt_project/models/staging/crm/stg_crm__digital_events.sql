{{ config(
    materialized='by_key',
    key='event_key',
    changed_by=[{'raw': ['raw_crm', 'crm_digital_events'], 'keys': ['event_id'], 'event': 'occurred_at'}],
    indexes=[{'columns': ['event_key']}, {'columns': ['own_node']}, {'columns': ['occurred_at']}],
) }}
with

sources as (
    {{ build_sources() }}
),

events as (
    {{ newest_version(source('raw_crm', 'crm_digital_events'), ['event_id'], event_at='occurred_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'crm'
)

select
    sources.brand,
    sources.source,
    events._version_at,
    events._payload_hash,
    coalesce(channel_map.channel, 'other') as channel,
    events.event_type,
    events.occurred_at,
    sources.source || '/' || events.event_id as event_key,
    {{ contact_node('sources.source', 'events.contact_id') }} as own_node
from events
inner join sources
    on events._source = sources.source
left join channel_map
    on events.channel = channel_map.code
