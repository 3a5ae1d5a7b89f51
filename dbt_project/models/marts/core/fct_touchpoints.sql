with

touches as (
    select * from {{ ref('int_touches') }}
),

touchpoint_types as (
    select * from {{ ref('int_touchpoint_types') }}
),

touch_episodes as (
    select * from {{ ref('int_touch_episodes') }}
)

select
    touches.touch_key,
    touches.brand,
    touches.source,
    touches.customer_id,
    touchpoint_types.touchpoint_code,
    coalesce(touches.issue_stage, touchpoint_types.journey_stage) as journey_stage,
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
left join touchpoint_types
    on
        touches.ref_type = touchpoint_types.ref_type
        and touches.channel = touchpoint_types.channel
        and touches.direction = touchpoint_types.direction
        and touches.kind = touchpoint_types.kind
left join touch_episodes
    on touches.touch_key = touch_episodes.touch_key
