{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_moments'}],
    indexes=[{'columns': ['period_month']}],
) }}
{%- set measures = ['peak_end', 'first', 'trough', 'end', 'mean'] -%}

-- noqa: disable=LT02
with

-- an episode of a single scored moment has no peak beside its end
episodes as (
    select
        brand,
        customer_id,
        survey_type,
        survey_version,
        period_month,
        moments,
        case when moments > 1 then (extreme_score + end_score) / 2 end as peak_end_score,
        case when moments > 1 then first_score end as first_score,
        case when moments > 1 then trough_score end as trough_score,
        case when moments > 1 then end_score end as end_score,
        case when moments > 1 then score_sum / moments end as mean_score
    from {{ ref('int_episode_moments') }}
    {{ where_changed() }}
),

persons as (
    select
        brand,
        survey_type,
        survey_version,
        period_month,
        customer_id,
        count(*) as scored_episodes,
        sum(moments) as moments,
        {%- for measure in measures %}
        coalesce(sum({{ measure }}_score), 0) as {{ measure }}_score,
        count({{ measure }}_score) as {{ measure }}_known{{ ',' if not loop.last }}
        {%- endfor %}
    from episodes
    group by brand, survey_type, survey_version, period_month, customer_id
),

cells as (
    select
        brand,
        survey_type,
        survey_version,
        period_month,
        sum(scored_episodes) as scored_episodes,
        sum(moments) as moments,
        {%- for measure in measures %}
        {{ person_moments(measure ~ '_score', measure ~ '_known') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from persons
    group by brand, survey_type, survey_version, period_month
)

select
    brand,
    survey_type,
    survey_version,
    period_month,
    cast(scored_episodes as bigint) as scored_episodes,
    cast(moments as bigint) as moments,
    cast(peak_end_score_n as bigint) as judged_episodes,
    cast(peak_end_score_k as bigint) as judged_persons,
    {%- for measure in measures %}
    {{ ratio(measure ~ '_score_sum', measure ~ '_score_n') }} as {{ measure }}_score,
    {{ person_mean_bound(measure ~ '_score', '-') }} as {{ measure }}_score_lower,
    {{ person_mean_bound(measure ~ '_score', '+') }} as {{ measure }}_score_upper{{ ',' if not loop.last }}
    {%- endfor %}
from cells
