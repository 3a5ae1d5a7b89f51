{{ config(materialized='view') }}
with

failures as (
    select * from {{ ref('fct_failures') }}
),

recoveries as (
    select * from {{ ref('int_failure_recoveries') }}
),

first_contacts as (
    select * from {{ ref('int_first_contacts') }}
)

select
    brand,
    customer_id,
    failure_kind as code,
    business_date as began_on,
    cast(null as timestamp with time zone) as mended_at
from failures
where customer_id is not null
union all
select
    failures.brand,
    failures.customer_id,
    'unrecovered_failure' as code,
    failures.business_date as began_on,
    recoveries.completed_at as mended_at
from failures
inner join recoveries
    on failures.failure_key = recoveries.failure_key
where failures.customer_id is not null
union all
select
    brand,
    customer_id,
    'unsolved_first_contact' as code,
    business_date as began_on,
    cast(null as timestamp with time zone) as mended_at
from first_contacts
where not is_without_return
