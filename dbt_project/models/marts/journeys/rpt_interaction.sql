{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_case_interactions'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

-- of nobody known, each case stands for a person of its own
cases as (
    select
        *,
        coalesce(customer_id, case_key) as person_key
    from {{ ref('int_case_interactions') }}
    {{ where_changed() }}
),

-- updates of an hour: 3600 of a second, so that whole numbers are added
persons as (
    select
        brand,
        period_month,
        person_key,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(*) as closed,
        count(customer_turns) as recorded,
        coalesce(sum(customer_turns), 0) as turns,
        coalesce(sum(updates), 0) as updates,
        coalesce(sum(updates), 0) * 3600 as hourly,
        coalesce(sum(case when customer_turns is not null then open_seconds end), 0) as open_seconds,
        count(case when customer_turns = 0 then 1 end) as silent,
        count(is_issue_changed) as issues_known,
        count(case when is_issue_changed then 1 end) as issue_changed
    from cases
    group by brand, period_month, person_key, grouping sets ((channel), ())
),

cells as (
    select
        brand,
        period_month,
        channel,
        {%- for part in ['closed', 'recorded', 'updates', 'open_seconds', 'silent', 'issues_known', 'issue_changed'] %}
        cast(sum({{ part }}) as bigint) as {{ part }},
        {%- endfor %}
        {{ person_moments('turns', 'recorded') }},
        {{ person_moments('hourly', 'open_seconds') }}
    from persons
    group by brand, period_month, channel
)

select
    brand,
    period_month,
    channel,
    closed,
    recorded,
    cast(turns_sum as bigint) as customer_turns,
    {{ ratio('turns_sum', 'turns_n') }} as customer_turns_mean,
    {{ person_mean_bound('turns', '-') }} as customer_turns_mean_lower,
    {{ person_mean_bound('turns', '+') }} as customer_turns_mean_upper,
    updates,
    {{ rounded(quotient('open_seconds', '3600')) }} as open_hours,
    {{ published(quotient('hourly_sum', 'hourly_n'), 'recorded') }} as updates_per_open_hour,
    {{ person_mean_bound('hourly', '-') }} as updates_per_open_hour_lower,
    {{ person_mean_bound('hourly', '+') }} as updates_per_open_hour_upper,
    silent,
    {{ ratio('silent', 'recorded') }} as silent_share,
    {{ wilson_lower('silent', 'recorded') }} as silent_share_lower,
    {{ wilson_upper('silent', 'recorded') }} as silent_share_upper,
    issues_known,
    issue_changed,
    {{ ratio('issue_changed', 'issues_known') }} as issue_changed_share,
    {{ wilson_lower('issue_changed', 'issues_known') }} as issue_changed_share_lower,
    {{ wilson_upper('issue_changed', 'issues_known') }} as issue_changed_share_upper
from cells
