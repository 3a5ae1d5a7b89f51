{{ config(tags=['model']) }}
-- every staged leg is in exactly one call, and no waiting or talking second is lost on the way
with

legs as (
    select
        count(*) as leg_count,
        count(distinct call_key) as call_count,
        coalesce(sum(hold_seconds), 0) as hold_seconds,
        coalesce(sum(after_contact_work_seconds), 0) as after_contact_work_seconds,
        coalesce(sum(interaction_seconds), 0) as stated_interaction_seconds
    from {{ ref('stg_call_center__contacts') }}
),

chained as (
    select
        coalesce(sum(queue_seconds), 0) as queue_seconds,
        coalesce(sum(agent_seconds), 0) as interaction_seconds
    from {{ ref('int_call_legs') }}
),

calls as (
    select
        coalesce(sum(leg_count), 0) as leg_count,
        count(*) as call_count,
        coalesce(sum(hold_seconds), 0) as hold_seconds,
        coalesce(sum(after_contact_work_seconds), 0) as after_contact_work_seconds,
        coalesce(sum(queue_seconds), 0) as queue_seconds,
        coalesce(sum(interaction_seconds), 0) as interaction_seconds
    from {{ ref('fct_calls') }}
)

select
    legs.*,
    chained.*,
    calls.*
from legs
cross join chained
cross join calls
where
    legs.leg_count <> calls.leg_count
    or legs.call_count <> calls.call_count
    or legs.hold_seconds <> calls.hold_seconds
    or legs.after_contact_work_seconds <> calls.after_contact_work_seconds
    or chained.queue_seconds <> calls.queue_seconds
    or chained.interaction_seconds <> calls.interaction_seconds
    or legs.stated_interaction_seconds > calls.interaction_seconds
