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
    locations.location_id,
    locations.name,
    locations.region,
    locations.format,
    sources.source || '/' || locations.location_id as location_key,
    coalesce(locations.timezone, sources.timezone) as timezone
from locations
inner join sources
    on locations._source = sources.source
