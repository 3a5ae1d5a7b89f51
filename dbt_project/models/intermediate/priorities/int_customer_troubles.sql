{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_failures', 'logged': 'customer_id'},
        {'model': 'int_failure_recoveries', 'logged': 'customer_id'},
        {'model': 'int_first_contacts'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

failures as (
    select * from {{ ref('fct_failures') }}
    where customer_id is not null {{ and_changed() }}
),

recoveries as (
    select * from {{ ref('int_failure_recoveries') }}
    {{ where_changed() }}
),

first_contacts as (
    select * from {{ ref('int_first_contacts') }}
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    failure_kind as code,
    business_date as began_on,
    cast(null as timestamp with time zone) as mended_at
from failures
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
union all
select
    brand,
    customer_id,
    'unsolved_first_contact' as code,
    business_date as began_on,
    cast(null as timestamp with time zone) as mended_at
from first_contacts
where not is_without_return
