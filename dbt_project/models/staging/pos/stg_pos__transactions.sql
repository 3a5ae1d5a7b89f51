{{ config(
    materialized='by_key',
    key='transaction_key',
    changed_by=[{'raw': ['raw_pos', 'pos_transactions'], 'keys': ['transaction_id'], 'event': 'closed_at'}],
    logs=['location_key', 'own_node', 'account_node', 'loyalty_node', 'email_node', 'phone_node'],
    indexes=[{'columns': ['transaction_key']}, {'columns': ['own_node']}, {'columns': ['location_key']}],
    sparse_indexes=['account_node', 'loyalty_node', 'email_node', 'phone_node'],
) }}
with

sources as (
    {{ build_sources() }}
),

transactions as (
    {{ newest_version(source('raw_pos', 'pos_transactions'), ['transaction_id'], event_at='closed_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'pos'
),

named as (
    select
        transactions.*,
        sources.brand,
        sources.source,
        sources.timezone,
        coalesce(channel_map.channel, 'other') as conformed_channel,
        {{ customer_node('sources.source', 'transactions.customer_ref') }} as account_node,
        {{ identifier_node('loyalty', 'transactions.loyalty_id') }} as loyalty_node,
        {{ identifier_node('email', 'transactions.email_token') }} as email_node,
        {{ identifier_node('phone', 'transactions.phone_token') }} as phone_node
    from transactions
    inner join sources
        on transactions._source = sources.source
    left join channel_map
        on transactions.channel = channel_map.code
)

select
    brand,
    source,
    _version_at,
    _payload_hash,
    transaction_id,
    location_id,
    timezone,
    account_node,
    loyalty_node,
    email_node,
    phone_node,
    conformed_channel as channel,
    opened_at,
    closed_at,
    status,
    subtotal,
    discount,
    tax,
    total,
    currency,
    delivery_cost,
    source || '/' || transaction_id as transaction_key,
    source || '/' || location_id as location_key,
    source || '/' || return_of_transaction_id as return_of_transaction_key,
    coalesce(account_node, loyalty_node, email_node, phone_node) as own_node
from named
