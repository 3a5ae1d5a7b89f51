{{ config(
    materialized='by_key',
    key='observation_key',
    changed_by=[
        {'model': 'stg_pos__service_observations'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'stg_pos__service_observations'},
    ],
    logs=['business_date', 'period_month'],
    indexes=[{'columns': ['observation_key']}, {'columns': ['business_date']}, {'columns': ['period_month']}, {'columns': ['observed_at']}],
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
),

located as (
    select
        observations.*,
        {{ local_date('observations.observed_at', 'coalesce(locations.timezone, observations.timezone)') }} as business_date
    from observations
    left join locations
        on observations.location_key = locations.location_key
)

-- a queue is one of the brand's only contact centre; a brand with several does not say of which
select
    located.observation_key,
    located.brand,
    located.observed_at,
    located.business_date,
    {{ month_start('located.business_date') }} as period_month,
    located.location_key,
    brand_sources.call_center_source || '/' || located.queue_id as queue_key,
    located.employee_id,
    located.item_code,
    located.is_observed,
    located.score,
    located.observer
from located
inner join brand_sources
    on located.brand = brand_sources.brand
