{{ config(
    materialized='by_key',
    key='product_key',
    changed_by=[{'raw': ['raw_pos', 'pos_products'], 'keys': ['product_id']}],
    indexes=[{'columns': ['product_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

products as (
    {{ newest_version(source('raw_pos', 'pos_products'), ['product_id']) }}
)

select
    sources.brand,
    sources.source,
    products._version_at,
    products._payload_hash,
    products.product_id,
    products.category,
    products.unit_cost,
    sources.source || '/' || products.product_id as product_key,
    coalesce(products.currency, sources.currency) as currency
from products
inner join sources
    on products._source = sources.source
