{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_work'}],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set outcomes = ['resolved', 'returned', 'follow_on', 'open', 'unknown_issue'] -%}
{%- set measures, answers = ['contacts', 'labour_seconds', 'cost'], ['surveys', 'responses', 'satisfied'] -%}
{#- all: work on closed episodes whatever became of them; resolved: that on the resolved ones alone -#}
{%- set sums = {'all': "episodes.outcome not in ('open', 'unknown_issue')", 'resolved': "episodes.outcome = 'resolved'"} -%}

-- noqa: disable=LT02
with

episodes as (
    select
        *,
        coalesce(issue_code, 'unknown') as issue
    from {{ ref('int_episode_work') }}
    {{ where_changed() }}
),

-- one instrument a month: the version most answered after resolved episodes
versions as (
    select
        brand, period_month, survey_version,
        row_number() over (
            partition by brand, period_month order by sum(responses) desc, {{ byte_order('survey_version') }}
        ) as preference
    from episodes
    where survey_version is not null and outcome = 'resolved'
    group by brand, period_month, survey_version
),

-- a person's episodes resemble each other: the interval counts persons, not episodes
persons as (
    select
        episodes.brand, episodes.period_month, episodes.customer_id,
        case when grouping(episodes.issue) = 1 then 'all' else episodes.issue end as issue_code,
        {%- for outcome in outcomes %}
        count(case when episodes.outcome = '{{ outcome }}' then 1 end) as {{ outcome }},
        {%- endfor %}
        count(case when {{ sums['all'] }} and episodes.cost is null then 1 end) as uncosted,
        {%- for measure in measures %}
        count(case when {{ sums.resolved }} then episodes.{{ measure }} end) as {{ measure }}_resolved,
        {%- for name, condition in sums.items() %}
        coalesce(sum(case when {{ condition }} then episodes.{{ measure }} end), 0) as {{ name }}_{{ measure }},
        {%- endfor %}
        {%- endfor %}
        {%- for part in answers %}
        coalesce(sum(case when versions.preference = 1 and {{ sums.resolved }} then episodes.{{ part }} end), 0) as {{ part }},
        {%- endfor %}
        max(case when versions.preference = 1 then versions.survey_version end) as survey_version,
        max(episodes.currency) as currency
    from episodes
    left join versions
        on
            episodes.brand = versions.brand
            and episodes.period_month = versions.period_month
            and episodes.survey_version = versions.survey_version
    group by episodes.brand, episodes.period_month, episodes.customer_id, grouping sets ((episodes.issue), ())
),

cells as (
    select
        brand, period_month, issue_code,
        {%- for part in outcomes + ['uncosted'] + answers %}
        cast(sum({{ part }}) as bigint) as {{ part }},
        {%- endfor %}
        {%- for measure in measures %}
        {{ person_moments('all_' ~ measure, measure ~ '_resolved') }},
        {{ person_moments('resolved_' ~ measure, measure ~ '_resolved') }},
        {%- endfor %}
        max(currency) as currency,
        max(survey_version) as survey_version
    from persons
    group by brand, period_month, issue_code
)

select
    brand, period_month, issue_code, resolved, returned, follow_on, open as open_episodes, unknown_issue, uncosted,
    {{ ratio('resolved', '(resolved + returned)') }} as resolved_share,
    {{ wilson_lower('resolved', '(resolved + returned)') }} as resolved_share_lower,
    {{ wilson_upper('resolved', '(resolved + returned)') }} as resolved_share_upper,
    {%- for measure in measures %}
    {%- for name, suffix in [('all', '_per_resolution'), ('resolved', '_of_resolved')] %}
    cast({{ name }}_{{ measure }}_sum as decimal(18, 2)) as {{ name }}_{{ measure }},
    {{ ratio(name ~ '_' ~ measure ~ '_sum', name ~ '_' ~ measure ~ '_n') }} as {{ measure }}{{ suffix }},
    {{ person_mean_bound(name ~ '_' ~ measure, '-') }} as {{ measure }}{{ suffix }}_lower,
    {{ person_mean_bound(name ~ '_' ~ measure, '+') }} as {{ measure }}{{ suffix }}_upper,
    {%- endfor %}
    {%- endfor %}
    currency, survey_version, surveys, responses, satisfied,
    {{ ratio('responses', 'surveys') }} as response_rate,
    {{ ratio('satisfied', 'responses') }} as satisfied_share,
    {{ wilson_lower('satisfied', 'responses') }} as satisfied_share_lower,
    {{ wilson_upper('satisfied', 'responses') }} as satisfied_share_upper,
    {{ var('first_contact_window_days') }} as window_days
from cells
