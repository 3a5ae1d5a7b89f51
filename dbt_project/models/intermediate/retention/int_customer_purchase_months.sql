{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_transactions'},
        {'due': ['closed_at'], 'through': 'fct_transactions'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

purchases as (
    select * from {{ ref('int_customer_purchases') }}
    {{ where_changed() }}
)

select
    brand,
    customer_id,
    purchase_month,
    min(purchase_month) over (partition by brand, customer_id) as cohort_month,
    count(*) as purchases
from purchases
group by brand, customer_id, purchase_month
