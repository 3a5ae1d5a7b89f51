{{ config(tags=['model']) }}
-- every staged transaction is one fact with the same amount, and every line of a known header one line fact
with

staged as (
    select
        count(*) as transaction_count,
        count(total) as total_count,
        sum(total) as total
    from {{ ref('stg_pos__transactions') }}
),

facts as (
    select
        count(*) as transaction_count,
        sum(fct.total) as total
    from {{ ref('fct_transactions') }} as fct
    inner join {{ ref('stg_pos__transactions') }} as stg
        on fct.transaction_key = stg.transaction_key
    where stg.total is not null
),

counted as (
    select count(*) as transaction_count from {{ ref('fct_transactions') }}
),

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
    staged.*,
    facts.*,
    counted.*,
    staged_lines.*,
    line_facts.*,
    header_lines.*
from staged
cross join facts
cross join counted
cross join staged_lines
cross join line_facts
cross join header_lines
where
    staged.transaction_count <> counted.transaction_count
    or staged.total_count <> facts.transaction_count
    or coalesce(staged.total, 0) <> coalesce(facts.total, 0)
    or staged_lines.line_count <> line_facts.line_count
    or staged_lines.line_count <> coalesce(header_lines.line_count, 0)
    or coalesce(staged_lines.net_amount, 0) <> coalesce(line_facts.net_amount, 0)
    or coalesce(staged_lines.net_amount, 0) <> coalesce(header_lines.net_amount, 0)
