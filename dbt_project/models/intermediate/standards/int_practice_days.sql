{%- set days, chosen = var('comparison_window_weeks') * 7, var('recognition_weeks') * 7 -%}
with

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

numbers as (
    {{ whole_numbers() }}
),

-- only the weeks around recognitions are looked at; day by day, so that a look is not held against every recognition
watched_days as (
    select distinct
        recognised.brand,
        recognised.standard_key,
        {{ add_days('recognised.recognised_on', 'cast(numbers.number as integer) - ' ~ (days + chosen)) }} as business_date
    from {{ ref('int_recognised_practices') }} as recognised
    inner join numbers
        on numbers.number <= {{ 2 * days + chosen }}
),

role_models as (
    select distinct
        brand,
        employee_id,
        standard_key
    from {{ ref('int_recognised_practices') }}
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
)

select
    looks.brand,
    looks.standard_key,
    looks.unit_type,
    looks.unit_id,
    looks.employee_id,
    looks.business_date,
    role_models.employee_id is not null as is_role_model,
    count(*) as judged,
    sum(cast(looks.is_attained as integer)) as attained
from looks
inner join watched_days
    on
        looks.brand = watched_days.brand
        and looks.standard_key = watched_days.standard_key
        and looks.business_date = watched_days.business_date
left join role_models
    on
        looks.brand = role_models.brand
        and looks.standard_key = role_models.standard_key
        and looks.employee_id = role_models.employee_id
group by
    looks.brand, looks.standard_key, looks.unit_type, looks.unit_id, looks.employee_id, looks.business_date,
    role_models.employee_id
