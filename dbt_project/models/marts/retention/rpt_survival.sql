{%- set curve = 'brand, basis, customer_group' -%}

with

lifetimes as (
    select * from {{ ref('int_lifetimes') }}
),

durations as (
    select
        brand,
        basis,
        case when grouping(entry_segment_code) = 1 then 'all' else entry_segment_code end as customer_group,
        duration_months,
        sum(case when is_ended then 1 else 0 end) as events,
        sum(case when is_ended then 0 else 1 end) as censored
    from lifetimes
    group by brand, basis, duration_months, grouping sets ((entry_segment_code), ())
),

{{ kaplan_meier('durations', curve) }}

select
    {{ curve }},
    duration_months,
    at_risk,
    events,
    censored,
    {{ survival_figures() }},
    case when basis = 'purchase' then {{ var('lapse_days') }} end as lapse_days
from spreads
