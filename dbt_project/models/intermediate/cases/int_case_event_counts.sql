{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[{'model': 'stg_crm__case_events'}],
    indexes=[{'columns': ['case_key']}],
) }}
with

events as (
    select * from {{ ref('stg_crm__case_events') }}
    {{ where_changed() }}
)

select
    case_key,
    count(*) as event_count,
    count(case when actor_type = 'customer' then 1 end) as customer_event_count,
    count(case when is_public then 1 end) as public_event_count,
    count(case when event_type = 'transfer' then 1 end) as transfer_count,
    count(case when event_type = 'reopen' then 1 end) as reopen_count,
    min(occurred_at) as first_event_at,
    min(case when event_type = 'reply' and actor_type = 'employee' and is_public then occurred_at end) as first_reply_at,
    min(case when event_type = 'apology' then occurred_at end) as apologised_at,
    min(case when event_type = 'note' and actor_type = 'employee' then occurred_at end) as first_note_at,
    max(case when event_type = 'closing_message' then occurred_at end) as closing_message_at
from events
group by case_key
