with

complaints as (
    select * from {{ ref('fct_cases') }}
    where case_kind = 'complaint'
),

calls as (
    select * from {{ ref('fct_calls') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

surveys as (
    select * from {{ ref('fct_surveys') }}
),

recoveries as (
    select * from {{ ref('fct_recoveries') }}
)

select
    brand,
    source,
    customer_id,
    'complaint' as failure_kind,
    created_at as occurred_at,
    business_date,
    'case' as ref_type,
    case_key as ref_key,
    'case' as voiced_type,
    case_key as voiced_key,
    severity
from complaints
union all
select
    brand,
    source,
    customer_id,
    'abandonment' as failure_kind,
    coalesce(ended_at, initiated_at) as occurred_at,
    business_date,
    'call' as ref_type,
    call_key as ref_key,
    'call' as voiced_type,
    call_key as voiced_key,
    cast(null as integer) as severity
from calls
where is_abandoned
union all
select
    brand,
    source,
    customer_id,
    'return' as failure_kind,
    closed_at as occurred_at,
    business_date,
    'transaction' as ref_type,
    transaction_key as ref_key,
    'transaction' as voiced_type,
    coalesce(return_of_transaction_key, transaction_key) as voiced_key,
    cast(null as integer) as severity
from transactions
where is_return or has_return_reason
union all
select
    brand,
    source,
    customer_id,
    'low_score' as failure_kind,
    responded_at as occurred_at,
    business_date,
    'survey' as ref_type,
    response_key as ref_key,
    ref_type as voiced_type,
    ref_key as voiced_key,
    cast(null as integer) as severity
from surveys
where is_responded and survey_type = 'csat' and score_share <= {{ var('low_score_share') }}
union all
select
    brand,
    source,
    customer_id,
    'recovery_detected' as failure_kind,
    detected_at as occurred_at,
    business_date,
    'recovery' as ref_type,
    recovery_key as ref_key,
    'case' as voiced_type,
    case_key as voiced_key,
    severity
from recoveries
