{{ config(
    materialized='by_key',
    key='transaction_key',
    changed_by=[
        {'model': 'stg_pos__transaction_lines'},
        {'model': 'fct_transactions'},
        {'model': 'stg_pos__products', 'through': 'stg_pos__transaction_lines', 'logged': 'product_key', 'key': 'transaction_key'},
        {'model': 'stg_pos__prices', 'through': 'stg_pos__transaction_lines', 'logged': 'product_key', 'key': 'transaction_key'},
    ],
    indexes=[{'columns': ['transaction_key']}],
) }}
with

lines as (
    select
        lines.transaction_line_key,
        lines.transaction_key,
        lines.product_key,
        lines.quantity,
        lines.net_amount,
        sales.channel,
        sales.location_key,
        sales.business_date,
        sales.currency
    from {{ ref('stg_pos__transaction_lines') }} as lines
    inner join {{ ref('fct_transactions') }} as sales
        on lines.transaction_key = sales.transaction_key
    {{ where_changed('lines.transaction_key') }}
),

-- a price of the place beats one of the channel, the later beats the earlier
prices as (
    select
        lines.transaction_line_key,
        prices.price,
        row_number() over (
            partition by lines.transaction_line_key
            order by
                case when prices.location_key is null then 1 else 0 end,
                prices.valid_from desc
        ) as precedence
    from lines
    inner join {{ ref('stg_pos__prices') }} as prices
        on
            lines.product_key = prices.product_key
            and lines.channel = prices.channel
            and lines.location_key = coalesce(prices.location_key, lines.location_key)
            and lines.currency = prices.currency
            and lines.business_date >= prices.valid_from
            and lines.business_date < coalesce(prices.valid_to, cast('9999-12-31' as date))
),

valued as (
    select
        lines.transaction_key,
        lines.net_amount,
        lines.quantity * products.unit_cost as cost,
        lines.quantity * prices.price as dated_value
    from lines
    left join {{ ref('stg_pos__products') }} as products
        on
            lines.product_key = products.product_key
            and lines.currency = products.currency
    left join prices
        on
            lines.transaction_line_key = prices.transaction_line_key
            and prices.precedence = 1
)

select
    transaction_key,
    count(*) = count(cost) as is_costed,
    {{ rounded('case when count(*) = count(cost) then sum(cost) end') }} as cost_of_goods,
    {{ rounded('sum(dated_value)') }} as dated_value,
    cast(sum(case when dated_value is not null then net_amount end) as decimal(18, 2)) as realised_value
from valued
group by transaction_key
