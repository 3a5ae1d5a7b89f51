{{ config(
    materialized='by_key',
    key='observation_key',
    changed_by=[
        {'model': 'stg_pos__service_observations'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'stg_pos__service_observations'},
    ],
    logs=['business_date'],
    indexes=[{'columns': ['observation_key']}, {'columns': ['business_date']}, {'columns': ['observed_at']}],
) }}
with

observations as (
    select * from {{ ref('stg_pos__service_observations') }}
    {{ where_changed() }}
),

locations as (
    select * from {{ ref('stg_pos__locations') }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
)

-- a queue is one of the brand's only contact centre; a brand with several does not say of which
select
    observations.observation_key,
    observations.brand,
    observations.observed_at,
    {{ local_date('observations.observed_at', 'coalesce(locations.timezone, observations.timezone)') }} as business_date,
    observations.location_key,
    brand_sources.call_center_source || '/' || observations.queue_id as queue_key,
    observations.item_code,
    observations.is_observed,
    observations.score,
    observations.observer
from observations
inner join brand_sources
    on observations.brand = brand_sources.brand
left join locations
    on observations.location_key = locations.location_key
