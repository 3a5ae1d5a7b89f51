{{ config(
    materialized='by_key',
    key='window_key',
    changed_by=[{'raw': ['raw_pos', 'pos_location_hours'], 'keys': ['location_id', 'weekday', 'opens', 'valid_from']}],
    logs=['location_key'],
    indexes=[{'columns': ['window_key']}, {'columns': ['location_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

hours as (
    {{ newest_version(source('raw_pos', 'pos_location_hours'), ['location_id', 'weekday', 'opens', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    hours._version_at,
    hours._payload_hash,
    sources.source || '/' || hours.location_id as location_key,
    hours.weekday,
    hours.opens,
    hours.closes,
    hours.valid_from,
    hours.valid_to,
    sources.source || '/' || hours.location_id || '/' || cast(hours.weekday as text) || '/' || hours.opens || '/'
    || cast(hours.valid_from as text) as window_key
from hours
inner join sources
    on hours._source = sources.source
