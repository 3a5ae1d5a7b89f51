{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[
        {'model': 'int_calls'},
        {'model': 'fct_cases', 'logged': 'case_key', 'through': 'int_calls'},
    ],
    logs=['customer_id', 'case_key', 'business_date', 'interval_start_at'],
    indexes=[{'columns': ['call_key']}, {'columns': ['customer_id']}, {'columns': ['case_key']}, {'columns': ['interval_start_at']}, {'columns': ['business_date']}, {'columns': ['initiated_at']}],
) }}
with

calls as (
    select * from {{ ref('int_calls') }}
    {{ where_changed() }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

issue_map as (
    select * from {{ ref('int_issue_map') }}
),

-- a mail or message nobody has taken up yet is waiting; a caller who hung up is gone
judged as (
    select
        calls.*,
        calls.connected_at is not null as is_answered,
        calls.direction = 'inbound'
        and calls.connected_at is null
        and (calls.channel = 'phone' or calls.ended_at is not null) as is_abandoned
    from calls
)

select
    judged.call_key,
    judged.brand,
    judged.source,
    judged.contact_id,
    coalesce(judged.customer_id, cases.customer_id) as customer_id,
    judged.channel,
    judged.direction,
    judged.initiation_method,
    judged.queue_id,
    judged.agent_id,
    coalesce(issue_map.issue_code, judged.issue_type) as issue_code,
    issue_map.journey_stage as issue_stage,
    judged.initiated_at,
    judged.enqueued_at,
    judged.connected_at,
    judged.ended_at,
    judged.business_date,
    {{ interval_start('coalesce(judged.enqueued_at, judged.connected_at, judged.initiated_at)', 30) }} as interval_start_at,
    cast(judged.self_service_seconds as bigint) as self_service_seconds,
    cast(judged.queue_seconds as bigint) as queue_seconds,
    cast(judged.interaction_seconds as bigint) as interaction_seconds,
    cast(judged.hold_seconds as bigint) as hold_seconds,
    cast(judged.after_contact_work_seconds as bigint) as after_contact_work_seconds,
    judged.leg_count,
    judged.transfer_count,
    judged.reask_count,
    judged.record_viewed_at,
    judged.is_answered,
    judged.is_abandoned,
    case
        when judged.is_abandoned and judged.enqueued_at is null then 'self_service'
        when judged.is_abandoned then 'queue'
    end as abandonment_stage,
    judged.is_abandoned
    and judged.enqueued_at is not null
    and judged.queue_seconds <= {{ var('short_abandonment_seconds') }} as is_short_abandonment,
    judged.case_key,
    cases.transaction_key,
    judged.is_resolved,
    judged.disposition_code
from judged
left join cases
    on judged.case_key = cases.case_key
left join issue_map
    on
        judged.source = issue_map.source
        and judged.issue_type = issue_map.code
