{{ config(materialized='view') }}
with

transactions as (
    select * from {{ ref('fct_transactions') }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

records as (
    select
        'transaction' as ref_type,
        transaction_key as ref_key,
        brand,
        source,
        customer_id,
        channel,
        'inbound' as direction,
        case when is_return then 'return' else 'purchase' end as kind,
        closed_at as occurred_at,
        closed_at as ended_at,
        business_date,
        cast(null as text) as issue_code,
        cast(null as text) as issue_stage,
        cast(null as text) as case_key,
        transaction_key,
        'order/' || coalesce(return_of_transaction_key, transaction_key) as thread_key,
        false as is_complaint
    from transactions
    union all
    select
        'call' as ref_type,
        call_key as ref_key,
        brand,
        source,
        customer_id,
        channel,
        direction,
        case when is_abandoned then 'abandoned' else 'answered' end as kind,
        initiated_at as occurred_at,
        coalesce(ended_at, initiated_at) as ended_at,
        business_date,
        issue_code,
        issue_stage,
        case_key,
        transaction_key,
        coalesce('order/' || transaction_key, 'case/' || case_key) as thread_key,
        false as is_complaint
    from calls
    union all
    -- a case may stay open for weeks: opening it is the touch
    select
        'case' as ref_type,
        case_key as ref_key,
        brand,
        source,
        customer_id,
        origin_channel as channel,
        'inbound' as direction,
        case_kind as kind,
        created_at as occurred_at,
        created_at as ended_at,
        business_date,
        issue_code,
        issue_stage,
        case_key,
        transaction_key,
        coalesce('order/' || transaction_key, 'case/' || case_key) as thread_key,
        case_kind = 'complaint' as is_complaint
    from cases
)

select
    records.*,
    records.ref_type || '/' || records.ref_key as record_key
from records
