with

purchases as (
    select * from {{ ref('int_customer_purchases') }}
)

select
    brand,
    customer_id,
    purchase_month,
    min(purchase_month) over (partition by brand, customer_id) as cohort_month,
    count(*) as purchases
from purchases
group by brand, customer_id, purchase_month
