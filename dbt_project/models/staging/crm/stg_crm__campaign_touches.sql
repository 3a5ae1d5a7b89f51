{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[{'raw': ['raw_crm', 'crm_campaign_touches'], 'keys': ['touch_id'], 'event': 'touched_at'}],
    logs=['own_node'],
    indexes=[{'columns': ['touch_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

touches as (
    {{ newest_version(source('raw_crm', 'crm_campaign_touches'), ['touch_id'], event_at='touched_at') }}
)

select
    sources.brand,
    sources.source,
    touches._version_at,
    touches._payload_hash,
    touches.touch_id,
    touches.channel,
    touches.touched_at,
    touches.claim_code,
    sources.timezone,
    sources.source || '/' || touches.touch_id as touch_key,
    {{ contact_node('sources.source', 'touches.contact_id') }} as own_node
from touches
inner join sources
    on touches._source = sources.source
