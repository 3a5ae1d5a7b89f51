{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_transactions'},
        {'due': ['closed_at'], 'through': 'fct_transactions'},
        {'due': ['closed_at'], 'through': 'fct_transactions', 'after': var('lapse_days') ~ ' days'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set in_order = 'transactions.closed_at, ' ~ byte_order('transactions.transaction_key') -%}
-- noqa: disable=LT02
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

purchases as (
    select
        transactions.brand,
        transactions.customer_id,
        transactions.location_key,
        {{ month_start('transactions.business_date') }} as period_month,
        transactions.closed_at,
        transactions.closed_at + interval '{{ var("lapse_days") }} days' as lapses_at,
        horizons.as_of,
        lead(transactions.closed_at) over (
            partition by transactions.brand, transactions.customer_id order by {{ in_order }}
        ) as next_closed_at,
        row_number() over (
            partition by
                transactions.brand, transactions.customer_id, transactions.location_key,
                {{ month_start('transactions.business_date') }}
            order by transactions.closed_at desc, {{ byte_order('transactions.transaction_key') }} desc
        ) as recency
    from {{ ref('fct_transactions') }} as transactions
    inner join horizons
        on transactions.brand = horizons.brand
    where
        transactions.status = 'completed'
        and not transactions.is_return
        and transactions.closed_at <= horizons.as_of
        and transactions.customer_id is not null
        {{ and_changed('transactions.customer_id') }}
)

select
    brand,
    customer_id,
    location_key,
    period_month,
    case when lapses_at <= as_of then coalesce(next_closed_at <= lapses_at, false) end as came_again
from purchases
where recency = 1 and location_key is not null
