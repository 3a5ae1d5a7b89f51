{{ config(
    materialized='by_key',
    key='business_date',
    key_type='date',
    changed_by=[{'model': 'fct_transactions'}, {'model': 'fct_transaction_lines'}],
    indexes=[{'columns': ['business_date']}],
) }}
with

sales as (
    select * from {{ ref('fct_transactions') }}
    where status = 'completed' and not is_return and currency is not null {{ and_changed() }}
),

lines as (
    select * from {{ ref('fct_transaction_lines') }}
)

select
    sales.brand,
    sales.business_date,
    sales.currency,
    lines.product_key,
    count(distinct sales.channel) as channels,
    min(lines.unit_price) as lowest_price,
    max(lines.unit_price) as highest_price
from sales
inner join lines on sales.transaction_key = lines.transaction_key
where lines.quantity > 0 and lines.unit_price is not null
group by sales.brand, sales.business_date, sales.currency, lines.product_key
having count(distinct sales.channel) >= 2
