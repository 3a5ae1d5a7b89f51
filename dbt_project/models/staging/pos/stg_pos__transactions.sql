with

sources as (
    {{ build_sources() }}
),

transactions as (
    {{ newest_version(source('raw_pos', 'pos_transactions'), ['transaction_id'], event_at='closed_at') }}
),

locations as (
    select * from {{ ref('stg_pos__locations') }}
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
        coalesce(locations.timezone, sources.timezone) as timezone,
        coalesce(channel_map.channel, 'other') as conformed_channel,
        sources.source || '/' || transactions.location_id as location_key,
        {{ customer_node('sources.source', 'transactions.customer_ref') }} as account_node,
        {{ identifier_node('loyalty', 'transactions.loyalty_id') }} as loyalty_node,
        {{ identifier_node('email', 'transactions.email_token') }} as email_node,
        {{ identifier_node('phone', 'transactions.phone_token') }} as phone_node
    from transactions
    inner join sources
        on transactions._source = sources.source
    left join locations
        on
            sources.source = locations.source
            and transactions.location_id = locations.location_id
    left join channel_map
        on transactions.channel = channel_map.code
)

select
    brand,
    source,
    transaction_id,
    location_id,
    location_key,
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
    source || '/' || return_of_transaction_id as return_of_transaction_key,
    coalesce(account_node, loyalty_node, email_node, phone_node) as own_node,
    {{ local_date('closed_at', 'timezone') }} as business_date
from named
