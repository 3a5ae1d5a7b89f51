with

improvements as (
    select * from {{ ref('stg_crm__improvements') }}
),

locations as (
    select * from {{ ref('stg_pos__locations') }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

located as (
    select
        improvements.*,
        brand_sources.pos_source || '/' || improvements.location_id as location_key
    from improvements
    inner join brand_sources
        on improvements.brand = brand_sources.brand
),

dated as (
    select
        located.*,
        {{ local_date('located.changed_at', 'coalesce(locations.timezone, located.timezone)') }} as changed_on
    from located
    left join locations
        on located.location_key = locations.location_key
)

-- records of one suggestion, else of one day, tell of one change at several places
select
    improvement_key,
    brand,
    source,
    kind,
    suggestion_id,
    standard_code,
    source || '/' || standard_code as standard_key,
    touchpoint_code,
    location_id is null as is_everywhere,
    location_key,
    changed_on,
    source || '/' || kind || '/' || coalesce(standard_code, '-') || '/' || coalesce(touchpoint_code, '-')
    || '/' || coalesce(suggestion_id, cast(changed_on as text)) as change_key
from dated
