{{ config(tags=['model']) }}
-- every staged line of a known header is one line fact, and the headers' own counts and amounts are those of their lines
with

staged_lines as (
    select
        count(*) as line_count,
        sum(lines.net_amount) as net_amount
    from {{ ref('stg_pos__transaction_lines') }} as lines
    inner join {{ ref('stg_pos__transactions') }} as headers
        on lines.transaction_key = headers.transaction_key
),

line_facts as (
    select
        count(*) as line_count,
        sum(net_amount) as net_amount
    from {{ ref('fct_transaction_lines') }}
),

header_lines as (
    select
        sum(line_count) as line_count,
        sum(lines_net_amount) as net_amount
    from {{ ref('fct_transactions') }}
)

select
    staged_lines.*,
    line_facts.*,
    header_lines.*
from staged_lines
cross join line_facts
cross join header_lines
where
    staged_lines.line_count <> line_facts.line_count
    or staged_lines.line_count <> coalesce(header_lines.line_count, 0)
    or coalesce(staged_lines.net_amount, 0) <> coalesce(line_facts.net_amount, 0)
    or coalesce(staged_lines.net_amount, 0) <> coalesce(header_lines.net_amount, 0)
