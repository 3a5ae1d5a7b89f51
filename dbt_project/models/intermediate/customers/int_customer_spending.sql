{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_purchase_days'}],
    indexes=[{'columns': ['customer_id']}],
) }}
with

days as (
    select * from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    cast(sum(purchases) as bigint) as purchases,
    cast(sum(purchases_in_other_currencies) as bigint) as purchases_in_other_currencies,
    cast(coalesce(sum(spend), 0) as decimal(18, 2)) as spend,
    min(business_date) as first_purchase_date,
    max(business_date) as last_purchase_date
from days
group by brand, customer_id
