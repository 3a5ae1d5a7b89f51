{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[{'model': 'fct_cases'}, {'model': 'fct_recoveries', 'logged': 'case_key'}],
    logs=['case_month'],
    indexes=[{'columns': ['case_key']}, {'columns': ['case_month']}, {'columns': ['created_at']}, {'columns': ['acknowledged_at']}, {'columns': ['apologised_at']}, {'columns': ['fixed_at']}, {'columns': ['recovered_at']}],
) }}
with

cases as (
    select * from {{ ref('fct_cases') }}
    {{ where_changed() }}
),

recoveries as (
    select
        case_key,
        min(acknowledged_at) as acknowledged_at,
        min(case when outcome is not null then completed_at end) as recovered_at,
        max(case when outcome = 'accepted' then 1 else 0 end) = 1 as is_accepted
    from {{ ref('fct_recoveries') }}
    where case_key is not null {{ and_changed() }}
    group by case_key
)

select
    cases.case_key,
    cases.brand,
    {{ month_start('cases.business_date') }} as case_month,
    cases.origin_channel as channel,
    cases.case_kind = 'complaint' as is_complaint,
    cases.created_at,
    least(cases.first_response_at, recoveries.acknowledged_at) as acknowledged_at,
    cases.apologised_at,
    coalesce(cases.resolved_at, cases.closed_at) as fixed_at,
    cases.reopen_count,
    cases.is_escalated,
    recoveries.recovered_at,
    recoveries.is_accepted
from cases
left join recoveries
    on cases.case_key = recoveries.case_key
