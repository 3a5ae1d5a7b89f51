{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[
        {'model': 'int_touches'},
        {'model': 'int_touch_episodes'},
    ],
    logs=['customer_id', 'episode_key'],
    indexes=[{'columns': ['touch_key']}, {'columns': ['customer_id']}, {'columns': ['episode_key']}, {'columns': ['case_key']}, {'columns': ['touchpoint_code']}, {'columns': ['occurred_at']}, {'columns': ['ended_at']}, {'columns': ['business_date']}],
) }}
with

touches as (
    select * from {{ ref('int_touches') }}
    {{ where_changed() }}
),

touch_episodes as (
    select * from {{ ref('int_touch_episodes') }}
)

select
    touches.touch_key,
    touches.brand,
    touches.source,
    touches.customer_id,
    touches.touchpoint_code,
    touches.journey_stage,
    touches.channel,
    touches.direction,
    touches.occurred_at,
    touches.ended_at,
    touches.business_date,
    touches.issue_code,
    touches.case_key,
    touches.transaction_key,
    touches.ref_type,
    touches.ref_key,
    touches.record_count,
    touches.is_complaint,
    touch_episodes.episode_key
from touches
left join touch_episodes
    on touches.touch_key = touch_episodes.touch_key
