{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'fct_calls', 'logged': 'call_key', 'as': "'call/' || log.key"},
        {'model': 'fct_calls', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['touch_key']}, {'columns': ['period_month']}],
) }}
with

contacts as (
    select * from {{ ref('int_inbound_contacts') }}
    {{ where_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

-- a caller who hung up before anybody answered took nobody's time
call_times as (
    select
        call_key,
        transfer_count,
        case
            when is_answered then interaction_seconds + coalesce(hold_seconds, 0) + coalesce(after_contact_work_seconds, 0)
            else 0
        end as handle_seconds
    from {{ ref('fct_calls') }}
),

-- a contact may be several records: its calls are the leading one and those of its person and thread within its time
contact_calls as (
    select
        touch_key,
        call_key
    from contacts
    where call_key is not null
    union
    select
        contacts.touch_key,
        calls.call_key
    from contacts
    inner join calls
        on
            contacts.brand = calls.brand
            and contacts.customer_id = calls.customer_id
            and calls.initiated_at between contacts.occurred_at and contacts.ended_at
            and coalesce(contacts.transaction_key = calls.transaction_key, contacts.case_key = calls.case_key)
),

handled as (
    select
        contact_calls.touch_key,
        sum(call_times.handle_seconds) as handle_seconds,
        max(call_times.transfer_count) > 0 as is_handed_over
    from contact_calls
    inner join call_times
        on contact_calls.call_key = call_times.call_key
    group by contact_calls.touch_key
),

timed as (
    select
        contacts.touch_key,
        contacts.brand,
        contacts.customer_id,
        contacts.business_date,
        handled.handle_seconds is not null as is_handling_recorded,
        coalesce(handled.is_handed_over, false) as is_handed_over,
        cast(coalesce(handled.handle_seconds, rates.usual_minutes * 60) as bigint) as labour_seconds,
        rates.rate_per_hour,
        rates.currency
    from contacts
    left join handled
        on contacts.touch_key = handled.touch_key
    left join {{ ref('int_labour_rates') }} as rates
        on
            contacts.brand = rates.brand
            and contacts.channel = rates.channel
)

select
    touch_key,
    brand,
    customer_id,
    business_date,
    {{ month_start('business_date') }} as period_month,
    is_handling_recorded,
    is_handed_over,
    labour_seconds,
    {{ rounded('labour_seconds * rate_per_hour / 3600') }} as cost,
    currency
from timed
