{{ config(
    materialized='by_key',
    key='location_key',
    changed_by=[
        {'model': 'stg_pos__locations'},
        {'model': 'stg_pos__transactions', 'logged': 'location_key'},
    ],
    indexes=[{'columns': ['location_key']}],
) }}
with

locations as (
    select * from {{ ref('stg_pos__locations') }}
    {{ where_changed() }}
),

sold as (
    {{ changed_keys_in(ref('stg_pos__transactions'), 'location_key') }}
),

sources as (
    {{ build_sources() }}
),

-- a place that sells but was never described is still a member: its sales must not vanish from a join
inferred as (
    select
        sold.key as location_key,
        sources.brand,
        sources.source,
        substr(sold.key, length(sources.source) + 2) as location_id,
        sources.timezone
    from sold
    inner join sources
        on substr(sold.key, 1, length(sources.source) + 1) = sources.source || '/'
    left join locations
        on sold.key = locations.location_key
    where locations.location_key is null
)

select
    location_key,
    brand,
    source,
    location_id,
    name,
    timezone,
    region,
    format,
    false as is_inferred
from locations
union all
select
    location_key,
    brand,
    source,
    location_id,
    cast(null as text) as name,
    timezone,
    cast(null as text) as region,
    cast(null as text) as format,
    true as is_inferred
from inferred
