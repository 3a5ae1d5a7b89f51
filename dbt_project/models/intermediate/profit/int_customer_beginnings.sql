{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_purchase_days'}],
    indexes=[{'columns': ['customer_id']}],
) }}
with

days as (
    select
        *,
        min(business_date) over (partition by brand, customer_id) as first_purchase_date
    from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    first_purchase_date,
    max(case when business_date > first_purchase_date then 1 else 0 end) as came_again,
    cast(sum(purchases_in_other_currencies) as bigint) as purchases_in_other_currencies,
    cast(coalesce(sum(spend), 0) as decimal(18, 2)) as spend
from days
where business_date < {{ add_days('first_purchase_date', var('lapse_days')) }}
group by brand, customer_id, first_purchase_date
