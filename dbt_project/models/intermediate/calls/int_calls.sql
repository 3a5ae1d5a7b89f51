{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[{'model': 'int_call_legs'}],
    indexes=[{'columns': ['call_key']}, {'columns': ['case_key']}],
) }}
with

legs as (
    select * from {{ ref('int_call_legs') }}
    {{ where_changed() }}
)

select
    call_key,
    brand,
    source,
    initial_contact_id as contact_id,
    {{ first_known('customer_id', 'node_rank, leg_number') }} as customer_id,
    {{ first_known('channel', 'leg_number') }} as channel,
    {{ first_known('direction', 'leg_number') }} as direction,
    {{ first_known('initiation_method', 'leg_number') }} as initiation_method,
    {{ first_known('queue_id', 'leg_number') }} as queue_id,
    {{ first_known('case when connected_to_agent_at is not null then agent_id end', 'leg_number desc') }} as agent_id,
    {{ first_known('issue_type', 'leg_number') }} as issue_type,
    {{ first_known('case_key', 'leg_number') }} as case_key,
    {{ first_known('is_resolved', 'leg_number desc') }} as is_resolved,
    {{ first_known('disposition_code', 'leg_number desc') }} as disposition_code,
    {{ first_known('business_date', 'leg_number') }} as business_date,
    min(initiated_at) as initiated_at,
    min(enqueued_at) as enqueued_at,
    min(connected_to_agent_at) as connected_at,
    max(disconnected_at) as ended_at,
    sum(case when leg_number = 1 and direction = 'inbound' then waiting_before_queue_seconds else 0 end) as self_service_seconds,
    sum(queue_seconds) as queue_seconds,
    sum(agent_seconds) as interaction_seconds,
    sum(coalesce(hold_seconds, 0)) as hold_seconds,
    sum(coalesce(after_contact_work_seconds, 0)) as after_contact_work_seconds,
    -- asked again for what was told before; null where no leg records it
    sum(case
        when reasked_identity or reasked_issue then 1
        when coalesce(reasked_identity, reasked_issue) is not null then 0
    end) as reask_count,
    min(record_viewed_at) as record_viewed_at,
    count(*) as leg_count,
    count(case when initiation_method in ('transfer', 'queue_transfer') then 1 end) as transfer_count
from legs
group by call_key, brand, source, initial_contact_id
