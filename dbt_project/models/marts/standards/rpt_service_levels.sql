{%- set share_of_days = quotient('days_attained', 'days_judged') -%}
{%- set worst_first = 'is_attained nulls last, ' ~ share_of_days ~ ' nulls last, ' ~ byte_order('standard_code') -%}
{%- set alike = 'partition by climbs.brand, climbs.touchpoint_code, climbs.unit_type, climbs.period_month' -%}
with

-- the lowest rung with a standard that is not shown to be attained stops the climb; a rung without standards does not
standard_months as (
    select
        *,
        min(case when not coalesce(is_attained, false) then rung end) over (
            partition by brand, touchpoint_code, unit_type, unit_id, period_month
        ) as blocked_rung
    from {{ ref('int_standard_months') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

climbed as (
    select
        brand,
        touchpoint_code,
        unit_type,
        unit_id,
        period_month,
        blocked_rung,
        count(*) as standards,
        sum(case when is_attained then 1 else 0 end) as standards_attained,
        sum(case when not is_attained then 1 else 0 end) as standards_missed,
        max(case when rung < coalesce(blocked_rung, 4) then rung end) as reached_rung,
        sum(case when rung = blocked_rung and not is_attained then 1 else 0 end) as missed_at_block,
        {{ first_known('case when rung = blocked_rung then standard_code end', worst_first) }} as blocking_standard_code,
        {{ first_known('case when rung = blocked_rung then days_judged end', worst_first) }} as blocking_days_judged,
        {{ first_known('case when rung = blocked_rung then days_attained end', worst_first) }} as blocking_days_attained
    from standard_months
    group by brand, touchpoint_code, unit_type, unit_id, period_month, blocked_rung
),

-- who is stopped on the lowest rung by what nobody measured stands nowhere that is known
climbs as (
    select
        *,
        case
            when reached_rung = 3 then 'high'
            when reached_rung = 2 then 'standard'
            when reached_rung = 1 then 'basic'
            when missed_at_block > 0 then 'none'
        end as service_level
    from climbed
)

select
    climbs.brand,
    climbs.touchpoint_code,
    climbs.unit_type,
    climbs.unit_id,
    climbs.period_month,
    climbs.period_month < {{ month_start('horizons.as_of_date') }} as is_month_closed,
    climbs.service_level,
    climbs.standards,
    climbs.standards_attained,
    climbs.standards_missed,
    climbs.standards - climbs.standards_attained - climbs.standards_missed as standards_unjudged,
    climbs.blocking_standard_code,
    climbs.blocking_days_judged,
    climbs.blocking_days_attained,
    {{ ratio('blocking_days_attained', 'blocking_days_judged') }} as blocking_attainment,
    {{ wilson_lower('blocking_days_attained', 'blocking_days_judged') }} as blocking_attainment_lower,
    {{ wilson_upper('blocking_days_attained', 'blocking_days_judged') }} as blocking_attainment_upper,
    count(climbs.service_level) over ({{ alike }}) as units_with_level,
    case
        when climbs.service_level is not null then count(*) over ({{ alike }}, climbs.service_level)
    end as units_at_level,
    case
        when count(climbs.service_level) over ({{ alike }}) > 1
            then min(climbs.service_level) over ({{ alike }}) = max(climbs.service_level) over ({{ alike }})
    end as is_uniform,
    {{ var('level_quorum') }} as level_quorum
from climbs
inner join horizons
    on climbs.brand = horizons.brand
