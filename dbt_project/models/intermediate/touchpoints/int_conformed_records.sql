{{ config(materialized='view') }}
-- no `with`: Postgres looks up single keys through a view only if it can take the view apart
select
    'transaction' as ref_type,
    transaction_key as ref_key,
    'transaction/' || transaction_key as record_key,
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
from {{ ref('fct_transactions') }}
union all
select
    'call' as ref_type,
    call_key as ref_key,
    'call/' || call_key as record_key,
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
from {{ ref('fct_calls') }}
union all
-- a case may stay open for weeks: opening it is the touch
select
    'case' as ref_type,
    case_key as ref_key,
    'case/' || case_key as record_key,
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
from {{ ref('fct_cases') }}
