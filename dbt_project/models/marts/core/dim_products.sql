{{ config(
    materialized='by_key',
    key='product_key',
    changed_by=[{'model': 'stg_pos__products'}],
    indexes=[{'columns': ['product_key']}],
) }}
with

products as (
    select * from {{ ref('stg_pos__products') }}
    {{ where_changed() }}
)

-- no cost or price: a product that costs otherwise is the same product, and what follows it need not be made anew
select
    product_key,
    brand,
    source,
    product_id,
    sku,
    category
from products
