{{ config(
    materialized='by_key',
    key='due_month',
    key_type='date',
    changed_by=[{'model': 'fct_promises'}],
    indexes=[{'columns': ['due_month']}],
) }}
with

due_promises as (
    select
        *,
        case when promise_state = 'late' then lateness_seconds end as late_by_seconds
    from {{ ref('fct_promises') }}
    where is_due {{ and_changed() }}
),

cells as (
    select
        brand,
        due_month,
        case when grouping(promise_type) = 1 then 'all' else promise_type end as promise_type,
        case when grouping(made_by) = 1 then 'all' else made_by end as made_by,
        count(*) as due,
        sum(case when is_kept then 1 else 0 end) as kept,
        sum(case when is_kept and lateness_seconds <= -3600 * {{ var('promise_margin_hours') }} then 1 else 0 end) as beaten,
        sum(case when promise_state = 'late' then 1 else 0 end) as late,
        sum(case when promise_state = 'open' then 1 else 0 end) as overdue,
        {{ percentile_hours('late_by_seconds', 0.5) }} as lateness_median_hours,
        {{ percentile_hours('late_by_seconds', 0.9) }} as lateness_p90_hours
    from due_promises
    group by brand, due_month, grouping sets ((promise_type, made_by), (promise_type), (made_by), ())
)

select
    *,
    {{ ratio('kept', 'due') }} as kept_share,
    {{ wilson_lower('kept', 'due') }} as kept_share_lower,
    {{ wilson_upper('kept', 'due') }} as kept_share_upper,
    {{ ratio('beaten', 'due') }} as beaten_share,
    {{ wilson_lower('beaten', 'due') }} as beaten_share_lower,
    {{ wilson_upper('beaten', 'due') }} as beaten_share_upper,
    {{ var('promise_margin_hours') }} as promise_margin_hours
from cells
