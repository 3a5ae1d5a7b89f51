with

recognitions as (
    select
        recognitions.*,
        {{ local_date('recognitions.recognised_at', 'recognitions.timezone') }} as source_date
    from {{ ref('stg_crm__recognitions') }} as recognitions
    inner join {{ ref('int_brand_horizons') }} as horizons
        on recognitions.brand = horizons.brand and recognitions.recognised_at <= horizons.as_of
),

-- an employee id is that of the brand's only point of sale; where there are several, nobody knows where the employee serves
located as (
    select
        recognitions.*,
        employees.location_key
    from recognitions
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on recognitions.brand = brand_sources.brand
    left join {{ ref('dim_employees') }} as employees
        on
            brand_sources.pos_source = employees.source
            and recognitions.employee_id = employees.employee_id
            and recognitions.source_date >= employees.valid_from
            and recognitions.source_date < employees.valid_to
)

select
    located.recognition_key,
    located.brand,
    located.employee_id,
    located.kind,
    located.standard_code,
    located.source || '/' || located.standard_code as standard_key,
    located.brand || '/recognitions/' || coalesce(located.source || '/' || located.standard_code, 'all') as comparison_key,
    case when located.location_key is not null then 'location' end as unit_type,
    located.location_key as unit_id,
    {{ local_date('located.recognised_at', 'coalesce(locations.timezone, located.timezone)') }} as recognised_on
from located
left join {{ ref('stg_pos__locations') }} as locations
    on located.location_key = locations.location_key
