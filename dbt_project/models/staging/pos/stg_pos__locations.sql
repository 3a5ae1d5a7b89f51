{{ config(
    materialized='by_key',
    key='location_key',
    changed_by=[{'raw': ['raw_pos', 'pos_locations'], 'keys': ['location_id']}],
    indexes=[{'columns': ['location_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

locations as (
    {{ newest_version(source('raw_pos', 'pos_locations'), ['location_id']) }}
)

select
    sources.brand,
    sources.source,
    locations._version_at,
    locations._payload_hash,
    locations.location_id,
    locations.name,
    locations.region,
    locations.format,
    sources.source || '/' || locations.location_id as location_key,
    coalesce(locations.timezone, sources.timezone) as timezone
from locations
inner join sources
    on locations._source = sources.source
