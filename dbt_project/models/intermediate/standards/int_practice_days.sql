{%- set days, chosen = var('comparison_window_weeks') * 7, var('recognition_weeks') * 7 -%}
with

recognitions as (
    select * from {{ ref('int_recognitions') }}
),

-- only the weeks around recognitions are looked at
windows as (
    select distinct
        brand,
        standard_key,
        {{ add_days('recognised_on', '-' ~ (days + chosen)) }} as first_day,
        {{ add_days('recognised_on', days) }} as last_day
    from recognitions
),

role_models as (
    select distinct
        brand,
        employee_id,
        standard_key
    from recognitions
),

practices as (
    select
        standards.brand,
        standards.source || '/' || standards.standard_code as standard_key,
        standards.valid_from,
        standards.valid_to,
        standards.operator,
        catalogue.detail
    from {{ ref('dim_service_standards') }} as standards
    inner join {{ ref('metric_catalogue') }} as catalogue
        on standards.metric_code = catalogue.metric_code
    where catalogue.figure = 'observations' and standards.aggregation = 'share_within' and standards.segment_code is null
),

-- whom nobody names may be the role model; a day that is not over is not looked at
looks as (
    select
        observations.brand,
        practices.standard_key,
        case when observations.location_key is not null then 'location' else 'queue' end as unit_type,
        coalesce(observations.location_key, observations.queue_key) as unit_id,
        observations.employee_id,
        observations.business_date,
        observations.is_observed = (practices.operator in ('>=', '>')) as is_attained
    from {{ ref('int_service_observations') }} as observations
    inner join {{ ref('int_brand_horizons') }} as horizons
        on observations.brand = horizons.brand and observations.business_date < horizons.as_of_date
    inner join practices
        on
            observations.brand = practices.brand
            and observations.business_date >= practices.valid_from
            and observations.business_date < practices.valid_to
    where
        practices.detail in ('*', observations.item_code)
        and observations.employee_id is not null
        and observations.is_observed is not null
        and coalesce(observations.location_key, observations.queue_key) is not null
        and exists (
            select 1
            from windows
            where
                windows.brand = observations.brand
                and coalesce(windows.standard_key, practices.standard_key) = practices.standard_key
                and observations.business_date between windows.first_day and windows.last_day
        )
)

select
    looks.brand,
    looks.standard_key,
    looks.unit_type,
    looks.unit_id,
    looks.employee_id,
    looks.business_date,
    exists(
        select 1
        from role_models
        where
            role_models.brand = looks.brand
            and role_models.employee_id = looks.employee_id
            and coalesce(role_models.standard_key, looks.standard_key) = looks.standard_key
    ) as is_role_model,
    count(*) as judged,
    sum(cast(looks.is_attained as integer)) as attained
from looks
group by looks.brand, looks.standard_key, looks.unit_type, looks.unit_id, looks.employee_id, looks.business_date
