{%- set after, before = ['days_after_attained', 'days_after'], ['days_before_attained', 'days_before'] -%}
with

changes as (
    select
        change_key,
        brand,
        kind,
        standard_code,
        standard_key,
        touchpoint_code,
        case when min(suggestion_id) = max(suggestion_id) then max(suggestion_id) end as suggestion_id,
        count(distinct location_key) as locations,
        max(cast(is_everywhere as integer)) = 1 as is_everywhere,
        min(changed_on) as first_changed_on,
        max(changed_on) as last_changed_on
    from {{ ref('int_improvements') }}
    group by change_key, brand, kind, standard_code, standard_key, touchpoint_code
),

comparisons as (
    select * from {{ ref('int_comparisons') }}
    where basis = 'improvement'
),

-- until the weeks after are over at every place, nothing is told of any
judged as (
    select
        changes.*,
        coalesce(comparisons.is_window_closed, false) as is_window_closed,
        {%- for figure, name in {
            'treated_units': 'units_changed', 'untreated_units': 'units_unchanged', 'units_left_out': 'units_left_out',
            'days_before': 'days_before', 'attained_before': 'days_before_attained', 'days_after': 'days_after',
            'attained_after': 'days_after_attained', 'untreated_days': 'days_unchanged',
        }.items() %}
        case when comparisons.is_window_closed then comparisons.{{ figure }} end as {{ name }},
        {%- endfor %}
        {%- for figure, name in {
            'treated_before': 'attainment_before', 'treated_after': 'attainment_after', 'untreated_before': 'unchanged_before',
            'untreated_after': 'unchanged_after', 'effect': 'effect', 'effect_lower': 'effect_lower', 'effect_upper': 'effect_upper',
        }.items() %}
        {{ rounded('case when comparisons.is_window_closed then comparisons.' ~ figure ~ ' end') }} as {{ name }},
        {%- endfor %}
        case
            when changes.standard_key is null then 'no_standard'
            when comparisons.comparison_key is null then 'not_measured'
            when not comparisons.is_window_closed then 'window_open'
            else comparisons.uncompared_because
        end as uncompared_because
    from changes
    left join comparisons on changes.change_key = comparisons.comparison_key
)

select
    change_key,
    brand,
    kind,
    standard_code,
    touchpoint_code,
    suggestion_id,
    locations,
    is_everywhere,
    first_changed_on,
    last_changed_on,
    is_window_closed,
    units_changed,
    units_unchanged,
    units_left_out,
    days_before,
    days_before_attained,
    days_after,
    days_after_attained,
    days_unchanged,
    attainment_before,
    attainment_after,
    unchanged_before,
    unchanged_after,
    effect,
    effect_lower,
    effect_upper,
    effect_lower * effect_upper > 0 as is_clear,
    {{ share_difference(*(after + before)) }} as plain_change,
    {{ share_difference_lower(*(after + before)) }} as plain_change_lower,
    {{ share_difference_upper(*(after + before)) }} as plain_change_upper,
    uncompared_because,
    {{ var('comparison_window_weeks') }} as comparison_window_weeks
from judged
