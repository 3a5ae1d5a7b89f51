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
        {{ month_start('business_date') }} as purchase_month
    from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    purchase_month,
    min(purchase_month) over (partition by brand, customer_id) as cohort_month,
    cast(sum(purchases) as bigint) as purchases
from days
group by brand, customer_id, purchase_month
