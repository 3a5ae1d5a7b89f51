{{ config(tags=['model']) }}
-- every staged transaction is one fact with the same total: row by row where either side changed, by their number in all
with

staged as (
    select * from {{ ref('stg_pos__transactions') }}
    {{ where_changed_since_publication([ref('stg_pos__transactions'), ref('fct_transactions')]) }}
),

facts as (
    select * from {{ ref('fct_transactions') }}
    {{ where_changed_since_publication([ref('stg_pos__transactions'), ref('fct_transactions')]) }}
),

differing as (
    select
        coalesce(staged.transaction_key, facts.transaction_key) as transaction_key,
        staged.total as staged_total,
        facts.total
    from staged
    full join facts
        on staged.transaction_key = facts.transaction_key
    where
        staged.transaction_key is null
        or facts.transaction_key is null
        or (staged.total is not null and facts.total is distinct from staged.total)
),

counts as (
    select
        (select count(*) from {{ ref('stg_pos__transactions') }}) as staged_transactions,
        (select count(*) from {{ ref('fct_transactions') }}) as transactions
)

select * from differing
union all
select
    'all' as transaction_key,
    staged_transactions,
    transactions
from counts
where staged_transactions <> transactions
