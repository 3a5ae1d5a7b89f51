{{ config(
    materialized='by_key',
    key='callback_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_callbacks'], 'keys': ['callback_id'], 'event': 'requested_at'}],
    logs=['leg_key'],
    indexes=[{'columns': ['callback_key']}, {'columns': ['leg_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

callbacks as (
    {{ newest_version(source('raw_call_center', 'call_center_callbacks'), ['callback_id'], event_at='requested_at') }}
)

select
    sources.brand,
    sources.source,
    callbacks._version_at,
    callbacks._payload_hash,
    callbacks.callback_id,
    callbacks.requested_at,
    callbacks.promised_from,
    callbacks.promised_to,
    callbacks.attempted_at,
    callbacks.connected_at,
    sources.source || '/' || callbacks.callback_id as callback_key,
    sources.source || '/' || callbacks.contact_id as leg_key
from callbacks
inner join sources
    on callbacks._source = sources.source
