{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_effort'}],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set measures = ['touches', 'channel_switches', 'waiting_seconds', 'transfers', 'reasks'] -%}

-- noqa: disable=LT02
with

efforts as (
    select
        *,
        coalesce(issue_code, 'unknown') as issue
    from {{ ref('int_episode_effort') }}
    {{ where_changed() }}
),

-- a person's episodes resemble each other: the interval counts persons, not episodes
persons as (
    select
        brand,
        period_month,
        customer_id,
        case when grouping(issue) = 1 then 'all' else issue end as issue_code,
        sum(case when is_open then 1 else 0 end) as open_episodes,
        sum(case when is_open then 0 else 1 end) as episodes,
        {%- for measure in measures %}
        coalesce(sum(case when not is_open then {{ measure }} end), 0) as {{ measure }},
        count(case when not is_open then {{ measure }} end) as {{ measure }}_known{{ ',' if not loop.last }}
        {%- endfor %}
    from efforts
    group by brand, period_month, customer_id, grouping sets ((issue), ())
),

cells as (
    select
        brand,
        period_month,
        issue_code,
        cast(sum(episodes) as bigint) as episodes,
        cast(sum(open_episodes) as bigint) as open_episodes,
        count(case when episodes > 0 then 1 end) as persons,
        {%- for measure in measures %}
        {{ person_moments(measure, measure ~ '_known') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from persons
    group by brand, period_month, issue_code
)

select
    brand,
    period_month,
    issue_code,
    episodes,
    open_episodes,
    persons,
    {%- for measure in measures %}
    cast({{ measure }}_n as bigint) as {{ measure }}_known,
    {{ ratio(measure ~ '_sum', measure ~ '_n') }} as {{ measure }}_mean,
    {{ person_mean_bound(measure, '-') }} as {{ measure }}_mean_lower,
    {{ person_mean_bound(measure, '+') }} as {{ measure }}_mean_upper{{ ',' if not loop.last }}
    {%- endfor %}
from cells
