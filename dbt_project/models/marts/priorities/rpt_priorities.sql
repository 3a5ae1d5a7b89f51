{%- set reach = normal_quantile() ~ ' * effects.standard_error' -%}
{%- set observed = 'least(effects.touched_persons, effects.other_persons)' -%}
with

touched as (
    select * from {{ ref('int_touched_customers') }}
),

effects as (
    select * from {{ ref('int_retention_effects') }}
),

levers as (
    select * from {{ ref('levers') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

judged as (
    select
        touched.brand,
        touched.code,
        touched.people_touched,
        touched.spend,
        coalesce(effects.touched_persons, 0) as judged_people,
        coalesce(effects.other_persons, 0) as matched_people,
        {{ published('effects.retained_share', observed) }} as retained_share,
        {{ published('effects.matched_share', observed) }} as matched_share,
        {{ published('effects.difference', observed) }} as retention_difference,
        {{ published('greatest(effects.difference - ' ~ reach ~ ', -1)', observed) }} as retention_difference_lower,
        {{ published('least(effects.difference + ' ~ reach ~ ', 1)', observed) }} as retention_difference_upper
    from touched
    left join effects
        on
            touched.brand = effects.brand
            and touched.code = effects.code
),

valued as (
    select
        *,
        cast(round(-retention_difference * spend, 2) as decimal(18, 2)) as value_at_stake,
        cast(round(-retention_difference_upper * spend, 2) as decimal(18, 2)) as value_at_stake_lower,
        cast(round(-retention_difference_lower * spend, 2) as decimal(18, 2)) as value_at_stake_upper
    from judged
)

select
    valued.brand,
    row_number() over (
        partition by valued.brand
        order by valued.value_at_stake desc nulls last, valued.people_touched desc, {{ byte_order('valued.code') }}
    ) as priority,
    valued.code,
    levers.kind,
    levers.name,
    levers.owner,
    valued.people_touched,
    valued.spend,
    horizons.currency,
    valued.judged_people,
    valued.matched_people,
    valued.retained_share,
    valued.matched_share,
    valued.retention_difference,
    valued.retention_difference_lower,
    valued.retention_difference_upper,
    valued.value_at_stake,
    valued.value_at_stake_lower,
    valued.value_at_stake_upper,
    valued.retention_difference_upper < 0 as is_clear,
    {{ var('lapse_days') }} as lapse_days,
    horizons.as_of
from valued
inner join horizons
    on valued.brand = horizons.brand
left join levers
    on valued.code = levers.code
