{{ config(materialized='view') }}
-- no `with`: Postgres looks up single keys through a view only if it can take the view apart
select
    transactions.transaction_key,
    transactions.brand,
    transactions.customer_id,
    transactions.business_date,
    {{ month_start('transactions.business_date') }} as purchase_month,
    transactions.closed_at,
    transactions.channel,
    transactions.currency,
    transactions.total
from {{ ref('fct_transactions') }} as transactions
inner join {{ ref('int_brand_horizons') }} as horizons
    on transactions.brand = horizons.brand
where
    transactions.customer_id is not null
    and transactions.status = 'completed'
    and not transactions.is_return
    and transactions.closed_at <= horizons.as_of
