{{ config(
    materialized='by_key',
    key='touch_key',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'fct_touchpoints', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
        {'model': 'fct_cases', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
        {'model': 'fct_promises', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
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

all_contacts as (
    select * from {{ ref('int_inbound_contacts') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

-- about which matter a promise was made: its order, or its case and with it an issue
promises as (
    select
        promises.brand,
        promises.customer_id,
        promises.ref_key,
        promised_cases.issue_code,
        promises.due_at,
        {{ add_minutes('promises.due_at', var('overdue_promise_days') * 24 * 60) }} as counts_until,
        promises.fulfilled_at
    from {{ ref('fct_promises') }} as promises
    left join {{ ref('fct_cases') }} as promised_cases
        on promises.ref_key = promised_cases.case_key
    where promises.promise_state <> 'unmade'
),

judged as (
    select
        contacts.*,
        exists (  -- noqa: LT01, LT06
            select 1 from promises
            where
                contacts.brand = promises.brand
                and contacts.customer_id = promises.customer_id
                and contacts.occurred_at > promises.due_at
                and contacts.occurred_at <= promises.counts_until
                and coalesce(promises.fulfilled_at >= contacts.occurred_at, true)
                and (
                    promises.ref_key in (contacts.case_key, contacts.transaction_key)
                    or promises.issue_code = contacts.issue_code
                )
        ) as is_after_broken_promise,
        exists (  -- noqa: LT01, LT06
            select 1 from cases
            where
                contacts.brand = cases.brand
                and contacts.customer_id = cases.customer_id
                and (contacts.case_key = cases.case_key or contacts.issue_code = cases.issue_code)
                and contacts.occurred_at > cases.created_at
                -- one that is closed, nobody knows since when, is not known to have been open
                and coalesce(coalesce(cases.resolved_at, cases.closed_at) > contacts.occurred_at, not cases.is_closed)
        ) as is_chase,
        exists (  -- noqa: LT01, LT06
            select 1 from all_contacts as earlier
            where
                contacts.brand = earlier.brand
                and contacts.customer_id = earlier.customer_id
                and contacts.issue_code = earlier.issue_code
                and (earlier.occurred_at, {{ byte_order('earlier.touch_key') }})
                < (contacts.occurred_at, {{ byte_order('contacts.touch_key') }})
                and {{ add_minutes('earlier.ended_at', var('first_contact_window_days') * 24 * 60) }} >= contacts.occurred_at
        ) as is_repeat
    from contacts
)

select
    touch_key,
    brand,
    channel,
    {{ month_start('business_date') }} as period_month,
    customer_id is not null as is_known,
    case
        when customer_id is null then null
        when is_complaint then 'complaint'
        when is_after_broken_promise then 'broken_promise'
        when is_chase then 'chase'
        when is_repeat then 'repeat'
        else 'none'
    end as cause
from judged
