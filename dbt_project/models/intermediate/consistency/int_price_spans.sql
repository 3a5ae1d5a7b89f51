{{ config(
    materialized='by_key',
    key='product_key',
    changed_by=[{'model': 'stg_pos__prices'}],
    indexes=[{'columns': ['product_key']}],
) }}
with

prices as (
    select * from {{ ref('stg_pos__prices') }}
    {{ where_changed() }}
),

-- days on which a price of the product begins or ends
boundaries as (
    select
        brand,
        product_key,
        currency,
        valid_from as starts_on
    from prices
    union
    select
        brand,
        product_key,
        currency,
        valid_to as starts_on
    from prices
    where valid_to is not null
),

spans as (
    select
        *,
        lead(starts_on) over (partition by brand, product_key, currency order by starts_on) as ends_on
    from boundaries
),

-- in a channel at a place, the later price beats the earlier
asked as (
    select
        spans.*,
        prices.channel,
        prices.price,
        row_number() over (
            partition by spans.product_key, spans.currency, spans.starts_on, prices.channel, prices.location_key
            order by prices.valid_from desc, {{ byte_order('prices.price_key') }}
        ) as precedence
    from spans
    inner join prices
        on
            spans.product_key = prices.product_key
            and spans.currency = prices.currency
            and spans.starts_on >= prices.valid_from
            and spans.starts_on < coalesce(prices.valid_to, cast('9999-12-31' as date))
)

select
    brand,
    product_key,
    currency,
    starts_on,
    ends_on,
    count(distinct channel) as channels,
    min(price) as lowest_price,
    max(price) as highest_price
from asked
where precedence = 1
group by brand, product_key, currency, starts_on, ends_on
having count(distinct channel) >= 2
