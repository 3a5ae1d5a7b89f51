with

lines as (
    select * from {{ ref('stg_pos__transaction_lines') }}
)

select
    transaction_key,
    count(*) as line_count,
    sum(quantity) as units,
    sum(net_amount) as net_amount,
    count(return_reason) as return_reason_count
from lines
group by transaction_key
