{{ config(
    materialized='by_key',
    key='period_month',
    key_type='date',
    changed_by=[{'model': 'int_episode_results'}],
    indexes=[{'columns': ['period_month']}],
) }}
with

episodes as (
    select * from {{ ref('int_episode_results') }}
    {{ where_changed() }}
)

select
    brand,
    period_month,
    case when grouping(channel) = 1 then 'all' else channel end as channel,
    count(*) as episodes,
    count(case when is_window_closed then 1 end) as judged,
    count(case when is_window_closed and is_reviewed then 1 end) as reviewed,
    count(case when is_window_closed and has_comment then 1 end) as commented,
    count(case when is_window_closed and has_media then 1 end) as with_media,
    cast(sum(closed_cases) as bigint) as closed_cases,
    cast(sum(messaged_cases) as bigint) as messaged_cases
from episodes
group by brand, period_month, grouping sets ((channel), ())
