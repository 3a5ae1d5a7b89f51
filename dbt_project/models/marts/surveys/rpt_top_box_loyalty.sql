{%- set observed = 'least(effects.touched_persons, effects.other_persons)' -%}
{%- set difference, reach = 'effects.own_mean - effects.matched_mean', normal_quantile() ~ ' * effects.standard_error' -%}
with

effects as (
    select * from {{ ref('int_loyalty_effects') }}
)

-- a scope is an outcome and the version of the instrument
select
    effects.brand,
    split_part(effects.scope, '/', 1) as outcome,
    substr(effects.scope, length(split_part(effects.scope, '/', 1)) + 2) as survey_version,
    case effects.code when '2' then '2-3' when '4' then '4-7' when '8' then '8+' else effects.code end as purchase_days,
    cast(effects.touched as bigint) as top_box_weeks,
    cast(effects.touched_persons as bigint) as top_box_customers,
    cast(effects.other_persons as bigint) as merely_satisfied_customers,
    {{ published('effects.own_mean', observed) }} as top_box_share,
    {{ published('effects.matched_mean', observed) }} as merely_satisfied_share,
    {{ estimate_with_interval('difference', difference, reach, observed) }},
    cast({{ var('satisfied_share') }} as decimal(18, 4)) as satisfied_from,
    {{ var('repurchase_days') }} as repurchase_days,
    {{ var('lapse_days') }} as lapse_days
from effects
