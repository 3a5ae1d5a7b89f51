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

risk_sets as (
    select
        *,
        cast(sum(events + censored) over (
            partition by {{ curve }} order by duration_months desc rows unbounded preceding
        ) as bigint) as at_risk
    from durations
),

-- ln S = Σ ln(1 - d/n); Greenwood's sum Σ d/(n(n - d)) has no value once everyone at risk has left.
steps as (
    select
        *,
        max(case when events = at_risk then 1 else 0 end) over past as is_extinct,
        sum(ln(1 - {{ quotient('events', 'nullif(at_risk, events)') }})) over past as log_survival,
        sum({{ quotient('events', 'at_risk * (at_risk - events)') }}) over past as greenwood
    from risk_sets
    window past as (partition by {{ curve }} order by duration_months rows unbounded preceding)
),

spreads as (
    select
        *,
        case when is_extinct = 1 then 0 else exp(log_survival) end as survival_share,
        case when is_extinct = 0 then sqrt(greenwood) end as log_error,
        case
            when is_extinct = 0
                then exp({{ normal_quantile() }} * sqrt(greenwood) / nullif(abs(log_survival), 0))
        end as interval_factor
    from steps
)

select
    {{ curve }},
    duration_months,
    at_risk,
    events,
    censored,
    {{ published('survival_share', 'at_risk') }} as survival,
    {{ published('survival_share * log_error', 'at_risk') }} as standard_error,
    {{ published('exp(log_survival * interval_factor)', 'at_risk') }} as survival_lower,
    {{ published('exp(log_survival / interval_factor)', 'at_risk') }} as survival_upper,
    case when basis = 'purchase' then {{ var('lapse_days') }} end as lapse_days
from spreads
