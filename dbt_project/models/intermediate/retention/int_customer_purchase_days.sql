{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_transactions'},
        {'due': ['closed_at'], 'through': 'fct_transactions'},
    ],
    indexes=[{'columns': ['customer_id']}, {'columns': ['business_date']}],
) }}
with

purchases as (
    select * from {{ ref('int_customer_purchases') }}
    {{ where_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
)

select
    purchases.brand,
    purchases.customer_id,
    purchases.business_date,
    count(*) as purchases,
    sum(case when purchases.currency = horizons.currency then 0 else 1 end) as purchases_in_other_currencies,
    cast(sum(case when purchases.currency = horizons.currency then purchases.total end) as decimal(18, 2)) as spend,
    {{ first_known('purchases.channel', 'purchases.closed_at desc, ' ~ byte_order('purchases.transaction_key')) }} as last_channel
from purchases
inner join horizons
    on purchases.brand = horizons.brand
group by purchases.brand, purchases.customer_id, purchases.business_date
