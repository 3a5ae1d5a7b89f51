with

visits as (
    select visits.*
    from {{ ref('stg_crm__management_visits') }} as visits
    inner join {{ ref('int_brand_horizons') }} as horizons
        on visits.brand = horizons.brand and visits.started_at <= horizons.as_of
),

located as (
    select
        visits.*,
        brand_sources.pos_source,
        brand_sources.pos_source || '/' || visits.location_id as location_key,
        brand_sources.call_center_source || '/' || visits.queue_id as queue_key
    from visits
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on visits.brand = brand_sources.brand
),

dated as (
    select
        located.*,
        {{ local_date('located.started_at', 'coalesce(locations.timezone, located.timezone)') }} as visited_on
    from located
    left join {{ ref('stg_pos__locations') }} as locations
        on located.location_key = locations.location_key
)

-- an employee id is that of the brand's only point of sale; where there are several, nobody knows who is an executive
select
    dated.visit_key,
    dated.brand,
    dated.employee_id,
    coalesce(employees.is_executive, false) as is_executive,
    case when dated.location_key is not null then 'location' when dated.queue_key is not null then 'queue' end as unit_type,
    coalesce(dated.location_key, dated.queue_key) as unit_id,
    dated.visited_on,
    {{ month_start('dated.visited_on') }} as period_month,
    dated.activity,
    case
        when dated.ended_at >= dated.started_at then {{ seconds_between('dated.started_at', 'dated.ended_at') }}
    end as visit_seconds
from dated
left join {{ ref('dim_employees') }} as employees
    on
        dated.pos_source = employees.source
        and dated.employee_id = employees.employee_id
        and dated.visited_on >= employees.valid_from
        and dated.visited_on < employees.valid_to
