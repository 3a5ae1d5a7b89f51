with

failures as (
    select * from {{ ref('int_failures') }}
),

complaints as (
    select * from {{ ref('fct_cases') }}
    where case_kind = 'complaint'
),

calls as (
    select * from {{ ref('fct_calls') }}
),

-- what a complaint is about, so that a failure found elsewhere is known to have been voiced
voiced as (
    select
        'case' as ref_type,
        case_key as ref_key
    from complaints
    union
    select
        'transaction' as ref_type,
        transaction_key as ref_key
    from complaints
    where transaction_key is not null
    union
    select
        'call' as ref_type,
        calls.call_key as ref_key
    from calls
    inner join complaints
        on calls.case_key = complaints.case_key
)

select
    failures.failure_kind || '/' || failures.ref_key as failure_key,
    failures.brand,
    failures.source,
    failures.customer_id,
    failures.failure_kind,
    failures.occurred_at,
    failures.business_date,
    failures.ref_type,
    failures.ref_key,
    voiced.ref_key is not null as is_voiced,
    failures.severity
from failures
left join voiced
    on
        failures.voiced_type = voiced.ref_type
        and failures.voiced_key = voiced.ref_key
