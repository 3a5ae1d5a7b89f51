{{ config(
    materialized='by_key',
    key='recovery_key',
    changed_by=[
        {'model': 'stg_crm__recoveries'},
        {'model': 'fct_cases', 'logged': 'case_key', 'through': 'stg_crm__recoveries'},
        {'model': 'fct_transactions', 'logged': 'transaction_key', 'through': 'this'},
    ],
    logs=['case_key', 'transaction_key'],
    indexes=[{'columns': ['recovery_key']}, {'columns': ['customer_id']}, {'columns': ['case_key']}, {'columns': ['transaction_key']}, {'columns': ['detected_at']}, {'columns': ['voiced_at']}, {'columns': ['acknowledged_at']}, {'columns': ['apologised_at']}, {'columns': ['decided_at']}, {'columns': ['completed_at']}, {'columns': ['business_date']}],
) }}
with

recoveries as (
    select * from {{ ref('stg_crm__recoveries') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
),

named as (
    select
        recoveries.*,
        cases.severity,
        cases.customer_id as case_customer_id,
        cases.apologised_at,
        case when cases.case_kind = 'complaint' then cases.created_at end as voiced_at,
        coalesce(
            case
                when recoveries.ref_type in ('transaction', 'order') then brand_sources.pos_source || '/' || recoveries.ref_id
            end,
            cases.transaction_key
        ) as transaction_key
    from recoveries
    inner join brand_sources
        on recoveries.brand = brand_sources.brand
    left join cases
        on recoveries.case_key = cases.case_key
)

select
    named.recovery_key,
    named.brand,
    named.source,
    named.recovery_id,
    coalesce(named.case_customer_id, transactions.customer_id) as customer_id,
    named.case_key,
    named.transaction_key,
    named.failure_type,
    named.severity,
    named.detected_at,
    {{ local_date('named.detected_at', 'named.timezone') }} as business_date,
    named.voiced_at,
    named.acknowledged_at,
    named.apologised_at,
    named.decided_at,
    named.completed_at,
    named.compensation_amount,
    named.currency,
    named.first_employee_id,
    named.employee_id,
    named.is_escalated,
    named.approval_requested_at is not null or named.approved_by is not null as needed_approval,
    named.outcome
from named
left join transactions
    on named.transaction_key = transactions.transaction_key
