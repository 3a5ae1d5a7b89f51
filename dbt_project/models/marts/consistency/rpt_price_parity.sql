{%- set cell_key = 'brand, basis, currency, period' -%}
with

-- the part of each month that the data cover
months as (
    select
        month_start,
        min(date_day) as first_day,
        max({{ add_days('date_day', 1) }}) as next_day
    from {{ ref('dim_dates') }}
    group by month_start
),

asked as (
    select
        spans.*,
        months.month_start,
        {{ days_between(
            'greatest(spans.starts_on, months.first_day)', 'least(spans.ends_on, months.next_day, horizons.as_of_date)'
        ) }} as days
    from {{ ref('int_price_spans') }} as spans
    inner join {{ ref('int_brand_horizons') }} as horizons on spans.brand = horizons.brand
    inner join months
        on spans.starts_on < months.next_day and coalesce(spans.ends_on, months.next_day) > months.first_day
),

compared as (
    select
        'asked' as basis,
        brand,
        currency,
        product_key,
        month_start,
        days,
        lowest_price,
        highest_price
    from asked
    where days > 0
    union all
    select
        'charged' as basis,
        sold.brand,
        sold.currency,
        sold.product_key,
        {{ month_start('sold.business_date') }} as month_start,
        1 as days,
        sold.lowest_price,
        sold.highest_price
    from {{ ref('int_charged_prices') }} as sold
    inner join {{ ref('int_brand_horizons') }} as horizons
        on sold.brand = horizons.brand and sold.business_date < horizons.as_of_date
),

-- a product's days go together: it is one observation, however long its prices stay
products as (
    select
        compared.brand,
        compared.basis,
        compared.currency,
        case when grouping(compared.month_start) = 1 then 'all' else {{ month_text('compared.month_start') }} end as period,
        coalesce(goods.category, 'unknown') as category,
        sum(compared.days) as product_days,
        sum(case when compared.lowest_price = compared.highest_price then compared.days else 0 end) as equal_days,
        sum(case when compared.lowest_price < compared.highest_price then compared.days else 0 end) as apart_days,
        coalesce(sum(compared.days * {{ rounded(quotient('compared.highest_price', 'compared.lowest_price') ~ ' - 1', 6) }}), 0)
            as spread,
        max({{ rounded(quotient('compared.highest_price', 'compared.lowest_price') ~ ' - 1') }}) as widest_spread
    from compared
    left join {{ ref('dim_products') }} as goods on compared.product_key = goods.product_key
    group by
        compared.brand, compared.basis, compared.currency, compared.product_key, goods.category,
        grouping sets ((compared.month_start), ())
),

cells as (
    select
        {{ cell_key }},
        case when grouping(category) = 1 then 'all' else category end as category,
        {{ person_moments('equal_days', 'product_days') }},
        {{ person_moments('spread', 'apart_days') }},
        max(widest_spread) as widest_spread
    from products
    group by {{ cell_key }}, grouping sets ((category), ())
)

select
    {{ cell_key }},
    category,
    cast(equal_days_k as bigint) as products,
    cast(spread_k as bigint) as products_apart,
    cast(equal_days_n as bigint) as product_days,
    cast(equal_days_sum as bigint) as equal_days,
    {{ published(quotient('equal_days_sum', 'equal_days_n'), 'equal_days_k') }} as parity_share,
    {{ person_mean_bound('equal_days', '-', 1) }} as parity_share_lower,
    {{ person_mean_bound('equal_days', '+', 1) }} as parity_share_upper,
    {{ published(quotient('spread_sum', 'spread_n'), 'spread_k') }} as spread_mean,
    {{ person_mean_bound('spread', '-') }} as spread_mean_lower,
    {{ person_mean_bound('spread', '+') }} as spread_mean_upper,
    cast(widest_spread as decimal(18, 4)) as widest_spread
from cells
