{{ config(
    materialized='by_key',
    key='transaction_key',
    changed_by=[{'model': 'stg_pos__transaction_lines'}],
    indexes=[{'columns': ['transaction_key']}],
) }}
with

lines as (
    select * from {{ ref('stg_pos__transaction_lines') }}
    {{ where_changed() }}
)

select
    transaction_key,
    count(*) as line_count,
    sum(quantity) as units,
    sum(net_amount) as net_amount,
    count(return_reason) as return_reason_count
from lines
group by transaction_key
