{{ config(
    materialized='by_key',
    key='price_key',
    changed_by=[{'raw': ['raw_pos', 'pos_prices'], 'keys': ['product_id', 'channel', 'location_id', 'valid_from']}],
    logs=['product_key'],
    indexes=[{'columns': ['price_key']}, {'columns': ['product_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

prices as (
    {{ newest_version(source('raw_pos', 'pos_prices'), ['product_id', 'channel', 'location_id', 'valid_from']) }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'pos'
)

select
    sources.brand,
    sources.source,
    prices._version_at,
    prices._payload_hash,
    coalesce(channel_map.channel, 'other') as channel,
    case when prices.location_id <> '*' then sources.source || '/' || prices.location_id end as location_key,
    prices.valid_from,
    prices.valid_to,
    prices.price,
    prices.currency,
    sources.source || '/' || prices.product_id as product_key,
    sources.source || '/' || prices.product_id || '/' || prices.channel || '/' || prices.location_id || '/'
    || cast(prices.valid_from as text) as price_key
from prices
inner join sources
    on prices._source = sources.source
left join channel_map
    on prices.channel = channel_map.code
