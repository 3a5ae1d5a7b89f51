with

standards as (
    select
        *,
        source || '/' || standard_code as standard_key
    from {{ ref('dim_service_standards') }}
),

days as (
    select
        *,
        {{ month_start('business_date') }} as period_month
    from {{ ref('int_standard_days') }}
),

unit_types as (
    select distinct
        standard_key,
        unit_type
    from days
),

-- a target raised in mid-month is one standard still: each day was held against its own
measured as (
    select
        unit_type,
        unit_id,
        period_month,
        standard_key,
        count(is_attained) as days_judged,
        sum(case when is_attained then 1 else 0 end) as days_attained
    from days
    group by unit_type, unit_id, period_month, standard_key
),

units as (
    select distinct
        standards.brand,
        standards.touchpoint_code,
        days.unit_type,
        days.unit_id,
        days.period_month
    from days
    inner join standards
        on days.standard_version_key = standards.standard_version_key
),

-- what holds for a unit's touchpoint: standards measured in units of its type, and those that nothing measures
applicable as (
    select
        units.*,
        standards.standard_key,
        standards.standard_code,
        standards.service_level,
        row_number() over (
            partition by units.unit_type, units.unit_id, units.period_month, standards.standard_key
            order by standards.valid_from desc
        ) as recency
    from units
    inner join standards
        on
            units.brand = standards.brand
            and units.touchpoint_code = standards.touchpoint_code
            and units.period_month >= {{ month_start('standards.valid_from') }}
            and units.period_month < standards.valid_to
    left join unit_types as own_type
        on
            standards.standard_key = own_type.standard_key
            and units.unit_type = own_type.unit_type
    where
        own_type.standard_key is not null
        or standards.standard_key not in (select unit_types.standard_key from unit_types)
)

select
    applicable.brand,
    applicable.touchpoint_code,
    applicable.unit_type,
    applicable.unit_id,
    applicable.period_month,
    applicable.standard_key,
    applicable.standard_code,
    case applicable.service_level when 'basic' then 1 when 'standard' then 2 when 'high' then 3 end as rung,
    coalesce(measured.days_judged, 0) as days_judged,
    coalesce(measured.days_attained, 0) as days_attained,
    case
        when measured.days_judged >= {{ var('min_cell') }}
            then measured.days_attained >= {{ var('level_quorum') }} * measured.days_judged
    end as is_attained
from applicable
left join measured
    on
        applicable.unit_type = measured.unit_type
        and applicable.unit_id = measured.unit_id
        and applicable.period_month = measured.period_month
        and applicable.standard_key = measured.standard_key
where applicable.recency = 1
