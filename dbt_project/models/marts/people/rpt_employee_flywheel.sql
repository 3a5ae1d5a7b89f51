{%- set sums = ['asked', 'suggestions', 'judged', 'adopted', 'training_hours', 'closers_known', 'closed_by_first'] -%}
with

-- an employee's months go together: the intervals count employees
employees as (
    select
        brand,
        case when grouping(team) = 1 then 'all' else team end as team,
        case when grouping(period_month) = 1 then 'all' else {{ month_text('period_month') }} end as period,
        max(cast(has_left as integer)) as has_left,
        max(tenure_months) as tenure_months,
        {%- for part in sums %}
        sum({{ part }}) as {{ part }},
        {%- endfor %}
        sum(score) as score,
        sum(answered) as answered
    from {{ ref('int_staff_months') }}
    group by brand, source, employee_id, grouping sets ((team, period_month), (team), (period_month), ())
),

cells as (
    select
        brand,
        team,
        period,
        count(*) as employees,
        sum(has_left) as leavers,
        sum(tenure_months) as tenure_months,
        sum(tenure_months * tenure_months) as tenure_squares,
        sum(cast(suggestions > 0 as integer)) as suggesting,
        sum(training_hours * training_hours) as training_squares,
        {%- for part in sums %}
        sum({{ part }}) as {{ part }},
        {%- endfor %}
        {{ person_moments('score', 'answered') }}
    from employees
    group by brand, team, period
)

select
    brand,
    team,
    period,
    employees,
    {{ estimate_with_interval(
        'tenure_mean', quotient('tenure_months', 'employees'), mean_reach('employees', 'tenure_months', 'tenure_squares'), 'employees'
    ) }},
    cast(leavers as bigint) as leavers,
    {{ share_with_interval('leaving_share', 'leavers', 'employees') }},
    cast(asked as bigint) as asked,
    cast(score_n as bigint) as answers,
    {{ share_with_interval('answer_share', 'score_n', 'asked') }},
    {{ published(quotient('score_sum', 'score_n'), 'score_k') }} as mood_mean,
    {{ person_mean_bound('score', '-') }} as mood_mean_lower,
    {{ person_mean_bound('score', '+') }} as mood_mean_upper,
    {%- for count in ['suggestions', 'suggesting', 'judged', 'adopted'] %}
    cast({{ count }} as bigint) as {{ count }},
    {%- endfor %}
    {{ share_with_interval('adopted_share', 'adopted', 'judged') }},
    cast(training_hours as decimal(18, 2)) as training_hours,
    {{ estimate_with_interval(
        'training_mean', quotient('training_hours', 'employees'), mean_reach('employees', 'training_hours', 'training_squares'), 'employees'
    ) }},
    {%- for count in ['closers_known', 'closed_by_first'] %}
    cast({{ count }} as bigint) as {{ count }},
    {%- endfor %}
    {{ share_with_interval('first_share', 'closed_by_first', 'closers_known') }},
    {{ var('suggestion_window_days') }} as suggestion_window_days
from cells
