{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_journeys'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

-- episodes that are over: the way of any other may still grow
journeys as (
    select * from {{ ref('int_episode_journeys') }}
    where is_broken is not null {{ and_changed() }}
),

cut as (
    {%- for aspect, column in [('path', 'path'), ('last_touchpoint', 'last_touchpoint_code')] %}
    select
        brand,
        period_month,
        '{{ aspect }}' as aspect,
        {{ column }} as code,
        is_broken
    from journeys
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        brand,
        period_month,
        aspect,
        code,
        count(*) as episodes,
        sum(count(*)) over (partition by brand, period_month, aspect) as all_episodes,
        sum(case when is_broken then 1 else 0 end) as broken,
        row_number() over (
            partition by brand, period_month, aspect order by count(*) desc, {{ byte_order('code') }}
        ) as frequency_rank
    from cut
    group by brand, period_month, aspect, code
),

named as (
    select
        *,
        case when frequency_rank <= {{ var('journey_top_paths') }} then code else 'other' end as shown_code,
        case when frequency_rank <= {{ var('journey_top_paths') }} then frequency_rank end as shown_rank
    from counted
),

shown as (
    select
        brand,
        period_month,
        aspect,
        shown_code as code,
        shown_rank as frequency_rank,
        cast(count(*) as bigint) as codes,
        cast(sum(episodes) as bigint) as episodes,
        cast(max(all_episodes) as bigint) as all_episodes,
        cast(sum(broken) as bigint) as broken
    from named
    group by brand, period_month, aspect, shown_code, shown_rank
)

select
    brand,
    period_month,
    aspect,
    code,
    frequency_rank,
    codes,
    episodes,
    all_episodes,
    {{ ratio('episodes', 'all_episodes') }} as episode_share,
    {{ wilson_lower('episodes', 'all_episodes') }} as episode_share_lower,
    {{ wilson_upper('episodes', 'all_episodes') }} as episode_share_upper,
    broken,
    {{ ratio('broken', 'episodes') }} as broken_share,
    {{ wilson_lower('broken', 'episodes') }} as broken_share_lower,
    {{ wilson_upper('broken', 'episodes') }} as broken_share_upper,
    {{ var('journey_window_days') }} as journey_window_days
from shown
