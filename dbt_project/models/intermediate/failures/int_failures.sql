{{ config(
    materialized='by_key',
    key='ref_key',
    changed_by=[
        {'model': 'fct_cases', 'logged': 'case_key'},
        {'model': 'fct_calls', 'logged': 'call_key'},
        {'model': 'fct_transactions', 'logged': 'transaction_key'},
        {'model': 'fct_surveys', 'logged': 'response_key'},
        {'model': 'fct_recoveries', 'logged': 'recovery_key'},
    ],
    logs=['voiced_key'],
    indexes=[{'columns': ['ref_key']}, {'columns': ['voiced_key']}],
) }}
with

complaints as (
    select * from {{ ref('fct_cases') }}
    where case_kind = 'complaint' {{ and_changed('case_key') }}
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
where is_abandoned {{ and_changed('call_key') }}
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
where (is_return or has_return_reason) {{ and_changed('transaction_key') }}
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
where is_responded and survey_type = 'csat' and score_share <= {{ var('low_score_share') }} {{ and_changed('response_key') }}
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
{{ where_changed('recovery_key') }}
