{%- set curve = 'brand, team' -%}
with

durations as (
    select
        brand,
        case when grouping(team) = 1 then 'all' else team end as team,
        duration_months,
        sum(case when is_ended then 1 else 0 end) as events,
        sum(case when is_ended then 0 else 1 end) as censored
    from {{ ref('int_staff_lifetimes') }}
    group by brand, duration_months, grouping sets ((team), ())
),

{{ kaplan_meier('durations', curve) }}

select
    {{ curve }},
    duration_months,
    at_risk,
    events,
    censored,
    {{ survival_figures() }}
from spreads
