{{ config(
    materialized='by_key',
    key='episode_key',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'int_touch_episodes', 'logged': 'touch_key', 'through': 'fct_touchpoints'},
        {'model': 'fct_cases', 'logged': 'case_key', 'through': 'fct_touchpoints'},
        {'due': ['ended_at'], 'through': 'fct_touchpoints', 'after': var('episode_gap_days') ~ ' days 1 second'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['episode_key']}, {'columns': ['customer_id']}, {'columns': ['started_at']}],
) }}
{%- set in_order = 'touches.occurred_at, ' ~ byte_order('touches.touch_key') -%}
{%- set in_reverse = 'touches.occurred_at desc, ' ~ byte_order('touches.touch_key') ~ ' desc' -%}
with

touches as (
    select * from {{ ref('fct_touchpoints') }}
    where episode_key is not null {{ and_changed() }}
),

touch_episodes as (
    select * from {{ ref('int_touch_episodes') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

brands as (
    {{ build_brands() }}
),

grouped as (
    select
        touches.episode_key,
        touches.brand,
        touches.customer_id,
        {{ first_known('touches.case_key', in_order) }} as case_key,
        {{ first_known('touches.issue_code', in_order) }} as issue_code,
        min(touches.occurred_at) as started_at,
        max(touches.ended_at) as ended_at,
        count(*) as touch_count,
        count(distinct touches.channel) as channel_count,
        {{ first_known('touches.channel', in_order) }} as first_channel,
        {{ first_known('touches.channel', in_reverse) }} as last_channel,
        max(cast(touches.is_complaint as integer)) = 1 as has_complaint,
        max(cast(not coalesce(cases.is_closed, true) as integer)) = 1 as has_open_case,
        max(cast(touch_episodes.is_cut_by_gap and touches.issue_code is not null as integer)) = 1 as may_grow
    from touches
    inner join touch_episodes
        on touches.touch_key = touch_episodes.touch_key
    left join cases
        on touches.case_key = cases.case_key
    group by touches.episode_key, touches.brand, touches.customer_id
)

-- open: a case of it is open, or another touch of its issue could still fall into it, through the gap's last second
select
    grouped.episode_key,
    grouped.brand,
    grouped.customer_id,
    grouped.case_key,
    grouped.issue_code,
    grouped.started_at,
    grouped.ended_at,
    grouped.touch_count,
    grouped.channel_count,
    grouped.first_channel,
    grouped.last_channel,
    grouped.has_complaint,
    grouped.has_open_case
    or (
        grouped.may_grow
        and {{ seconds_between('grouped.ended_at', 'brands.as_of') }} <= {{ var('episode_gap_days') }} * 86400
    ) as is_open
from grouped
inner join brands
    on grouped.brand = brands.brand
