{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_journeys'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

journeys as (
    select * from {{ ref('int_episode_journeys') }}
    {{ where_changed() }}
),

stages as (
    {%- for stage in ['before', 'during', 'after'] %}
    select
        brand,
        period_month,
        '{{ stage }}' as journey_stage,
        is_broken,
        has_{{ stage }} as is_passed,
        last_stage = '{{ stage }}' as is_last,
        {{ 'cast(null as boolean)' if stage == 'after' else 'is_' ~ stage ~ '_judged' }} as is_judged,
        {{ 'cast(null as bigint)' if stage == 'after' else stage ~ '_seconds' }} as seconds_on
    from journeys
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    brand,
    period_month,
    journey_stage,
    count(*) as begun,
    count(is_broken) as episodes,
    count(case when is_broken is not null and is_passed then 1 end) as passing,
    count(case when is_passed then 1 end) as passing_begun,
    count(case when is_judged then 1 end) as judged,
    count(case when is_judged then seconds_on end) as went_on,
    {{ percentile_hours('case when is_judged then seconds_on end', 0.5) }} as hours_to_next_median,
    count(case when is_last then is_broken end) as ended,
    count(case when is_last and is_broken then 1 end) as broken
from stages
group by brand, period_month, journey_stage
