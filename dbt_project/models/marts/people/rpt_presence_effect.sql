with

comparisons as (
    select * from {{ ref('int_comparisons') }}
    where basis = 'visit'
)

select
    brand,
    unit_type,
    units_begun as units_visited,
    units_open,
    treated_units as units_compared,
    untreated_units as units_unvisited,
    units_left_out,
    treated_days as days_visited,
    untreated_days as days_unvisited,
    treated_before as visited_before,
    treated_after as visited_after,
    untreated_before as unvisited_before,
    untreated_after as unvisited_after,
    effect,
    effect_lower,
    effect_upper,
    effect_lower * effect_upper > 0 as is_clear,
    case
        when units_open = units_begun then 'window_open'
        when uncompared_because = 'no_unit_unchanged' then 'no_unit_unvisited'
        else uncompared_because
    end as uncompared_because,
    {{ var('comparison_window_weeks') }} as comparison_window_weeks
from comparisons
