{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_episodes'},
        {'model': 'fct_touchpoints'},
        {'model': 'fct_cases'},
        {'model': 'int_advocacy'},
        {'model': 'int_case_event_counts', 'logged': 'case_key', 'through': 'fct_cases'},
        {'due': ['ended_at'], 'through': 'fct_touchpoints'},
        {'due': ['ended_at'], 'through': 'fct_touchpoints', 'after': var('word_of_mouth_days') ~ ' days'},
        {'due': ['closed_at'], 'through': 'fct_cases'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['period_month']}],
) }}
with

episodes as (
    select
        ended.*,
        {{ add_minutes('ended.ended_at', var('word_of_mouth_days') * 24 * 60) }} as reviewed_by,
        horizons.as_of
    from {{ ref('fct_episodes') }} as ended
    inner join {{ ref('int_brand_horizons') }} as horizons
        on ended.brand = horizons.brand and ended.ended_at <= horizons.as_of
    {{ where_changed('ended.customer_id') }}
),

-- a review is put down to the last episode of its person
reviewed as (
    select
        episode_key,
        max(cast(has_comment as integer)) as has_comment,
        max(cast(has_media as integer)) as has_media
    from {{ ref('int_advocacy') }}
    where kind = 'review' and episode_key is not null {{ and_changed() }}
    group by episode_key
),

-- its closed cases of which events are recorded, and whether a closing message was sent on each
touched as (
    select
        touches.episode_key,
        max(touches.business_date) as ended_on,
        count(distinct cases.case_key) as closed_cases,
        count(distinct case when events.closing_message_at <= episodes.as_of then cases.case_key end) as messaged_cases
    from episodes
    inner join {{ ref('fct_touchpoints') }} as touches
        on episodes.customer_id = touches.customer_id and episodes.episode_key = touches.episode_key
    left join {{ ref('int_case_event_counts') }} as events
        on touches.case_key = events.case_key
    left join {{ ref('fct_cases') }} as cases
        on events.case_key = cases.case_key and episodes.as_of >= cases.closed_at
    group by touches.episode_key
)

select
    episodes.episode_key,
    episodes.brand,
    episodes.customer_id,
    {{ month_start('touched.ended_on') }} as period_month,
    coalesce(episodes.last_channel, 'unknown') as channel,
    episodes.reviewed_by <= episodes.as_of as is_window_closed,
    reviewed.episode_key is not null as is_reviewed,
    coalesce(reviewed.has_comment, 0) = 1 as has_comment,
    coalesce(reviewed.has_media, 0) = 1 as has_media,
    cast(touched.closed_cases as bigint) as closed_cases,
    cast(touched.messaged_cases as bigint) as messaged_cases
from episodes
inner join touched on episodes.episode_key = touched.episode_key
left join reviewed on episodes.episode_key = reviewed.episode_key
