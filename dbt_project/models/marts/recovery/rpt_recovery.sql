{%- set steps = [
    ('detected_at', 'acknowledged_at', 'detection_to_acknowledgement'),
    ('voiced_at', 'acknowledged_at', 'voice_to_acknowledgement'),
    ('acknowledged_at', 'apologised_at', 'acknowledgement_to_apology'),
    ('apologised_at', 'decided_at', 'apology_to_decision'),
    ('decided_at', 'completed_at', 'decision_to_completion'),
    ('detected_at', 'completed_at', 'detection_to_completion'),
] -%}

-- noqa: disable=LT02
with

failures as (
    select * from {{ ref('int_failure_recoveries') }}
),

timed as (
    select
        *,
        {{ month_text('detected_date') }} as period,
        coalesce(cast(severity as text), 'unknown') as severity_level,
        -- A step recorded before the one it follows is a recording fault, not a negative wait.
        {%- for start, end, name in steps %}
        case
            when {{ end }} >= {{ start }} then {{ seconds_between(start, end) }}
        end as {{ name }}_seconds{{ ',' if not loop.last }}
        {%- endfor %}
    from failures
),

cells as (
    select
        brand,
        case when grouping(period) = 1 then 'all' else period end as period,
        case when grouping(failure_type) = 1 then 'all' else failure_type end as failure_type,
        case when grouping(severity_level) = 1 then 'all' else severity_level end as severity,
        count(*) as detected,
        sum(case when is_voiced then 1 else 0 end) as voiced,
        sum(case when has_recovery then 1 else 0 end) as under_recovery,
        count(acknowledged_at) as acknowledged,
        count(apologised_at) as apologised,
        count(decided_at) as decided,
        count(completed_at) as completed,
        count(*) - count(completed_at) as unrecovered,
        sum(case when completed_at is not null and completed_date = detected_date then 1 else 0 end)
            as completed_same_day,
        sum(case when completed_at is not null and outcome is not null then 1 else 0 end) as outcomes_known,
        sum(case when completed_at is not null and outcome = 'accepted' then 1 else 0 end) as outcomes_accepted,
        {%- for start, end, name in steps %}
        {{ percentile_hours(name ~ '_seconds', 0.5) }} as {{ name }}_median_hours,
        {{ percentile_hours(name ~ '_seconds', 0.9) }} as {{ name }}_p90_hours{{ ',' if not loop.last }}
        {%- endfor %}
    from timed
    group by brand, grouping sets (
        (period, failure_type, severity_level), (period, failure_type), (period), (failure_type), ()
    )
)

select
    *,
    {{ ratio('voiced', 'detected') }} as voiced_share,
    {{ wilson_lower('voiced', 'detected') }} as voiced_share_lower,
    {{ wilson_upper('voiced', 'detected') }} as voiced_share_upper,
    {{ ratio('completed', 'detected') }} as recovery_rate,
    {{ wilson_lower('completed', 'detected') }} as recovery_rate_lower,
    {{ wilson_upper('completed', 'detected') }} as recovery_rate_upper,
    {{ ratio('completed_same_day', 'detected') }} as same_day_share,
    {{ wilson_lower('completed_same_day', 'detected') }} as same_day_share_lower,
    {{ wilson_upper('completed_same_day', 'detected') }} as same_day_share_upper,
    {{ ratio('outcomes_accepted', 'outcomes_known') }} as accepted_share,
    {{ wilson_lower('outcomes_accepted', 'outcomes_known') }} as accepted_share_lower,
    {{ wilson_upper('outcomes_accepted', 'outcomes_known') }} as accepted_share_upper
from cells
