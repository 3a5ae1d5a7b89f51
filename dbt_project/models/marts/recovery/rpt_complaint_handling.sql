{%- set window = var('complaint_acknowledgement_hours') -%}
{{ config(
    materialized='by_key',
    key='complaint_month',
    key_type='date',
    changed_by=[
        {'model': 'int_case_handling', 'logged': 'case_month'},
        {'due': ['created_at', 'acknowledged_at', 'apologised_at', 'fixed_at', 'recovered_at'], 'through': 'int_case_handling', 'key': 'case_month'},
        {'due': ['created_at'], 'through': 'int_case_handling', 'key': 'case_month', 'after': var('complaint_acknowledgement_hours') ~ ' hours'},
    ],
    indexes=[{'columns': ['complaint_month']}],
) }}
with

-- what happened after as_of has not happened yet
cases as (
    select
        cases.brand,
        cases.case_month as complaint_month,
        cases.channel,
        cases.is_complaint,
        {{ add_minutes('cases.created_at', window * 60) }} <= horizons.as_of as is_window_closed,
        case
            when cases.acknowledged_at <= horizons.as_of
                then {{ seconds_between('cases.created_at', 'cases.acknowledged_at') }}
        end as acknowledged_after_seconds,
        cases.fixed_at <= horizons.as_of as is_fixed,
        cases.apologised_at <= horizons.as_of as is_apologised,
        cases.apologised_at <= cases.fixed_at as is_apology_first,
        cases.reopen_count > 0 as is_reopened,
        cases.is_escalated,
        cases.recovered_at <= horizons.as_of as is_outcome_known,
        cases.is_accepted
    from {{ ref('int_case_handling') }} as cases
    inner join {{ ref('int_brand_horizons') }} as horizons
        on cases.brand = horizons.brand
    where cases.created_at <= horizons.as_of {{ and_changed('cases.case_month') }}
),

complaints as (
    select
        *,
        -- a reply recorded before its complaint is a recording fault, not a negative wait
        case when acknowledged_after_seconds >= 0 then acknowledged_after_seconds end as wait_seconds
    from cases
),

cells as (
    select
        brand,
        complaint_month,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(*) as cases,
        count(case when is_complaint then 1 end) as complaints,
        count(distinct channel) as channels_with_cases,
        count(distinct case when is_complaint then channel end) as channels_with_complaints,
        count(case when is_complaint then acknowledged_after_seconds end) as acknowledged,
        count(case when is_complaint and is_window_closed then 1 end) as acknowledgement_due,
        count(case
            when is_complaint and is_window_closed and acknowledged_after_seconds <= {{ window }} * 3600 then 1
        end) as acknowledged_in_time,
        {{ percentile_hours('case when is_complaint then wait_seconds end', 0.5) }} as acknowledgement_median_hours,
        {{ percentile_hours('case when is_complaint then wait_seconds end', 0.9) }} as acknowledgement_p90_hours,
        count(case when is_complaint and is_fixed then 1 end) as fixed,
        count(case when is_complaint and is_fixed and is_apologised and is_apology_first then 1 end) as apologised_before_fix,
        count(case when is_complaint and is_fixed and is_apologised and not is_apology_first then 1 end) as apologised_after_fix,
        count(case when is_complaint and is_fixed and is_reopened then 1 end) as reopened,
        count(case when is_complaint and is_escalated then 1 end) as escalated,
        count(case when is_complaint and is_outcome_known then 1 end) as outcomes_known,
        count(case when is_complaint and is_outcome_known and is_accepted then 1 end) as outcomes_accepted
    from complaints
    group by brand, complaint_month, grouping sets ((channel), ())
)

select
    *,
    {%- for name, part, whole in [
        ('acknowledged_in_time_share', 'acknowledged_in_time', 'acknowledgement_due'),
        ('apology_before_fix_share', 'apologised_before_fix', 'fixed'),
        ('reopened_share', 'reopened', 'fixed'),
        ('accepted_share', 'outcomes_accepted', 'outcomes_known'),
    ] %}
    {{ ratio(part, whole) }} as {{ name }},
    {{ wilson_lower(part, whole) }} as {{ name }}_lower,
    {{ wilson_upper(part, whole) }} as {{ name }}_upper,
    {%- endfor %}
    {{ window }} as acknowledgement_hours
from cells
