{%- set days, chosen = var('comparison_window_weeks') * 7, var('recognition_weeks') * 7 -%}
{%- set after, before = ['own_kept_after', 'own_looks_after'], ['own_kept_before', 'own_looks_before'] -%}
{%- set sides = {
    'before': 'looks.business_date < chosen.before_until',
    'chosen': 'looks.business_date >= chosen.before_until and looks.business_date < chosen.recognised_on',
    'after': 'looks.business_date > chosen.recognised_on',
} -%}
-- noqa: disable=LT02
with

recognitions as (
    select * from {{ ref('int_recognitions') }}
),

practices as (
    select
        comparison_key,
        brand,
        coalesce(standard_key, 'all') as practice,
        max(standard_code) as standard_code,
        count(*) as recognitions,
        count(case when unit_id is null then 1 end) as recognitions_unplaced,
        count(distinct employee_id) as role_models
    from recognitions
    group by comparison_key, brand, coalesce(standard_key, 'all')
),

-- who was chosen for good weeks falls back to what is usual: shown beside the peers, never as an effect
chosen as (
    select
        recognitions.comparison_key,
        recognitions.brand,
        recognitions.standard_key,
        recognitions.employee_id,
        {{ add_days('min(recognitions.recognised_on)', '-' ~ (days + chosen)) }} as first_day,
        {{ add_days('min(recognitions.recognised_on)', '-' ~ chosen) }} as before_until,
        min(recognitions.recognised_on) as recognised_on,
        {{ add_days('min(recognitions.recognised_on)', days) }} as last_day
    from recognitions
    group by recognitions.comparison_key, recognitions.brand, recognitions.standard_key, recognitions.employee_id
),

own as (
    select
        chosen.comparison_key,
        {%- for side, when in sides.items() %}
        sum(case when {{ when }} then looks.judged else 0 end) as own_looks_{{ side }},
        sum(case when {{ when }} then looks.attained else 0 end) as own_kept_{{ side }}{{ ',' if not loop.last }}
        {%- endfor %}
    from chosen
    inner join {{ ref('int_brand_horizons') }} as horizons
        on chosen.brand = horizons.brand and chosen.last_day < horizons.as_of_date
    inner join {{ ref('int_practice_days') }} as looks
        on
            chosen.brand = looks.brand
            and chosen.employee_id = looks.employee_id
            and coalesce(chosen.standard_key, looks.standard_key) = looks.standard_key
            and looks.business_date between chosen.first_day and chosen.last_day
    group by chosen.comparison_key
)

select
    practices.brand,
    practices.practice,
    practices.standard_code,
    practices.recognitions,
    practices.recognitions_unplaced,
    practices.role_models,
    {%- for figure, name in {
        'units_begun': 'units_recognised', 'units_open': 'units_open', 'treated_units': 'units_compared',
        'untreated_units': 'units_without', 'units_left_out': 'units_left_out',
        'treated_days': 'peer_looks', 'untreated_days': 'other_looks',
    }.items() %}
    coalesce(comparisons.{{ figure }}, 0) as {{ name }},
    {%- endfor %}
    comparisons.treated_before as peers_before,
    comparisons.treated_after as peers_after,
    comparisons.untreated_before as others_before,
    comparisons.untreated_after as others_after,
    comparisons.effect,
    comparisons.effect_lower,
    comparisons.effect_upper,
    comparisons.effect_lower * comparisons.effect_upper > 0 as is_clear,
    case
        when comparisons.comparison_key is null then 'not_placed'
        when comparisons.units_open = comparisons.units_begun then 'window_open'
        when comparisons.uncompared_because = 'no_unit_unchanged' then 'no_unit_without'
        else comparisons.uncompared_because
    end as uncompared_because,
    {%- for part in before + ['own_kept_chosen', 'own_looks_chosen'] + after %}
    cast(coalesce(own.{{ part }}, 0) as bigint) as {{ part }},
    {%- endfor %}
    {{ share_difference(*(after + before)) }} as own_change,
    {{ share_difference_lower(*(after + before)) }} as own_change_lower,
    {{ share_difference_upper(*(after + before)) }} as own_change_upper,
    {{ var('comparison_window_weeks') }} as comparison_window_weeks,
    {{ var('recognition_weeks') }} as recognition_weeks
from practices
left join {{ ref('int_comparisons') }} as comparisons on practices.comparison_key = comparisons.comparison_key
left join own on practices.comparison_key = own.comparison_key
