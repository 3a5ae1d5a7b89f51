{{ config(
    materialized='by_key',
    key='transaction_key',
    changed_by=[
        {'model': 'stg_pos__transaction_lines'},
        {'model': 'fct_transactions'},
    ],
    logs=['customer_id', 'business_date'],
    indexes=[{'columns': ['transaction_key']}, {'columns': ['customer_id']}, {'columns': ['product_key']}],
) }}
with

lines as (
    select * from {{ ref('stg_pos__transaction_lines') }}
    {{ where_changed() }}
),

transactions as (
    select * from {{ ref('fct_transactions') }}
)

-- a line whose header is deleted or yet to come is no sale; a later build takes it up with its header
select
    lines.transaction_line_key,
    lines.transaction_key,
    lines.brand,
    lines.source,
    transactions.customer_id,
    lines.line_no,
    lines.product_id,
    lines.source || '/' || lines.product_id as product_key,
    lines.quantity,
    lines.unit_price,
    lines.discount,
    lines.net_amount,
    transactions.currency,
    transactions.closed_at,
    transactions.business_date,
    lines.return_reason
from lines
inner join transactions
    on lines.transaction_key = transactions.transaction_key
