{{ config(
    materialized='by_key',
    key='window_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_queue_hours'], 'keys': ['queue_id', 'weekday', 'opens', 'valid_from']}],
    logs=['queue_key'],
    indexes=[{'columns': ['window_key']}, {'columns': ['queue_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

hours as (
    {{ newest_version(source('raw_call_center', 'call_center_queue_hours'), ['queue_id', 'weekday', 'opens', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    hours._version_at,
    hours._payload_hash,
    hours.weekday,
    hours.opens,
    hours.closes,
    hours.valid_from,
    hours.valid_to,
    sources.source || '/' || hours.queue_id as queue_key,
    sources.source || '/' || hours.queue_id || '/' || cast(hours.weekday as text) || '/' || hours.opens || '/'
    || cast(hours.valid_from as text) as window_key
from hours
inner join sources
    on hours._source = sources.source
