{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[
        {'model': 'fct_cases'},
        {'model': 'fct_calls', 'logged': 'case_key'},
    ],
    logs=['ref_key'],
    indexes=[{'columns': ['case_key']}, {'columns': ['ref_key']}],
) }}
with

complaints as (
    select * from {{ ref('fct_cases') }}
    where case_kind = 'complaint' {{ and_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
)

select
    case_key,
    'case' as ref_type,
    case_key as ref_key
from complaints
union
select
    case_key,
    'transaction' as ref_type,
    transaction_key as ref_key
from complaints
where transaction_key is not null
union
select
    complaints.case_key,
    'call' as ref_type,
    calls.call_key as ref_key
from calls
inner join complaints
    on calls.case_key = complaints.case_key
