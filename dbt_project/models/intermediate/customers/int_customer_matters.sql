{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_cases'},
        {'model': 'int_failure_recoveries'},
        {'due': ['created_at', 'closed_at'], 'through': 'fct_cases'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

cases as (
    select * from {{ ref('fct_cases') }}
),

failures as (
    select * from {{ ref('int_failure_recoveries') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

matters as (
    select
        cases.brand,
        cases.customer_id,
        1 as cases,
        case when coalesce(cases.closed_at > horizons.as_of, not cases.is_closed) then 1 else 0 end as open_cases,
        case when cases.case_kind = 'complaint' then 1 else 0 end as complaints,
        0 as failures,
        0 as unrecovered_failures
    from cases
    inner join horizons on cases.brand = horizons.brand
    where cases.created_at <= horizons.as_of {{ and_changed('cases.customer_id') }}

    union all

    select
        brand,
        customer_id,
        0 as cases,
        0 as open_cases,
        0 as complaints,
        1 as failures,
        case when completed_at is null then 1 else 0 end as unrecovered_failures
    from failures
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    sum(cases) as cases,
    sum(open_cases) as open_cases,
    sum(complaints) as complaints,
    sum(failures) as failures,
    sum(unrecovered_failures) as unrecovered_failures
from matters
where customer_id is not null
group by brand, customer_id
