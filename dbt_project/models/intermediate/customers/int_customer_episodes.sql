{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_episodes'},
        {'due': ['started_at'], 'through': 'fct_episodes'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

episodes as (
    select * from {{ ref('fct_episodes') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

ranked as (
    select
        episodes.*,
        {{ local_date('episodes.started_at', "'" ~ var('reporting_timezone') ~ "'") }} as started_date,
        row_number() over (
            partition by episodes.brand, episodes.customer_id
            order by episodes.started_at desc, {{ byte_order('episodes.episode_key') }} desc
        ) as recency_rank
    from episodes
    inner join horizons on episodes.brand = horizons.brand
    where
        episodes.customer_id is not null {{ and_changed('episodes.customer_id') }}
        and episodes.started_at <= horizons.as_of
)

select
    brand,
    customer_id,
    count(*) as episodes,
    sum(case when is_open then 1 else 0 end) as open_episodes,
    max(case when recency_rank = 1 then episode_key end) as last_episode_key,
    max(case when recency_rank = 1 then issue_code end) as last_episode_issue_code,
    max(case when recency_rank = 1 then started_at end) as last_episode_started_at,
    max(case when recency_rank = 1 and is_open then 1 when recency_rank = 1 then 0 end) = 1 as is_last_episode_open,
    {{ listed(
        "case when recency_rank <= " ~ var('recent_episodes') ~ " then coalesce(issue_code, 'unknown') || ' ' || "
        ~ "cast(started_date as text) || case when is_open then ' (open)' else '' end end",
        'recency_rank'
    ) }} as recent_episodes
from ranked
group by brand, customer_id
