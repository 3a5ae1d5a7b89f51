{{ config(
    materialized='by_key',
    key='transaction_key',
    changed_by=[
        {'model': 'stg_pos__transactions'},
        {'model': 'int_transaction_line_totals'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_pos__transactions', 'on': 'own_node'},
        {'model': 'stg_pos__locations', 'logged': 'location_key', 'through': 'stg_pos__transactions'},
    ],
    logs=['customer_id', 'business_date'],
    indexes=[{'columns': ['transaction_key']}, {'columns': ['customer_id']}, {'columns': ['closed_at']}, {'columns': ['business_date']}],
) }}
with

transactions as (
    select * from {{ ref('stg_pos__transactions') }}
    {{ where_changed() }}
),

locations as (
    select * from {{ ref('stg_pos__locations') }}
),

line_totals as (
    select * from {{ ref('int_transaction_line_totals') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

-- exports at the grain of lines carry no header total: there the lines are the total
totalled as (
    select
        transactions.*,
        coalesce(transactions.total, line_totals.net_amount) as full_total,
        coalesce(line_totals.line_count, 0) as line_count,
        line_totals.units,
        line_totals.net_amount,
        coalesce(line_totals.return_reason_count, 0) > 0 as has_return_reason,
        {{ local_date('transactions.closed_at', 'coalesce(locations.timezone, transactions.timezone)') }} as business_date
    from transactions
    left join line_totals
        on transactions.transaction_key = line_totals.transaction_key
    left join locations
        on transactions.location_key = locations.location_key
)

select
    totalled.transaction_key,
    totalled.brand,
    totalled.source,
    totalled.transaction_id,
    customer_nodes.customer_id,
    totalled.location_key,
    totalled.channel,
    totalled.opened_at,
    totalled.closed_at,
    totalled.business_date,
    totalled.status,
    totalled.currency,
    totalled.subtotal,
    totalled.discount,
    totalled.tax,
    cast(totalled.full_total as decimal(18, 2)) as total,
    totalled.delivery_cost,
    cast(totalled.line_count as integer) as line_count,
    cast(totalled.units as decimal(18, 3)) as units,
    cast(totalled.net_amount as decimal(18, 2)) as lines_net_amount,
    totalled.return_of_transaction_key is not null
    or coalesce(totalled.full_total, 0) < 0
    or totalled.status in ('return', 'returned', 'refunded') as is_return,
    totalled.has_return_reason,
    totalled.return_of_transaction_key,
    customer_nodes.customer_id is not null as is_identified
from totalled
left join customer_nodes
    on
        totalled.brand = customer_nodes.brand
        and totalled.own_node = customer_nodes.node
