{#
    Kaplan-Meier (1958) with Greenwood's error and log-log interval (Kalbfleisch and Prentice 2002), as the CTEs risk_sets, steps and
    spreads over a relation with the columns of `curve`, duration_months, events and censored; survival_figures() reads the last one.
    ln S = Σ ln(1 - d/n); Greenwood's sum Σ d/(n(n - d)) has no value once everyone at risk has left.
#}
{% macro kaplan_meier(durations, curve) -%}
risk_sets as (
    select
        *,
        cast(sum(events + censored) over (
            partition by {{ curve }} order by duration_months desc rows unbounded preceding
        ) as bigint) as at_risk
    from {{ durations }}
),

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
        case when is_extinct = 0 then exp({{ normal_quantile() }} * sqrt(greenwood) / nullif(abs(log_survival), 0)) end
        as interval_factor
    from steps
)
{%- endmacro %}

{% macro survival_figures() -%}
    {{ published('survival_share', 'at_risk') }} as survival,
    {{ published('survival_share * log_error', 'at_risk') }} as standard_error,
    {{ published('exp(log_survival * interval_factor)', 'at_risk') }} as survival_lower,
    {{ published('exp(log_survival / interval_factor)', 'at_risk') }} as survival_upper
{%- endmacro %}
