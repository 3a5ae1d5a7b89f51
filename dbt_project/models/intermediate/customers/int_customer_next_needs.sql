{%- set horizons = var('next_need_horizons_days') -%}
{%- set closing = [] -%}
{%- for days in horizons -%}
{%- do closing.append({'due': ['closed_at'], 'through': 'fct_transactions', 'after': days ~ ' days'}) %}{% endfor -%}
{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_transactions'},
        {'model': 'fct_transaction_lines'},
        {'model': 'dim_products', 'logged': 'product_key', 'through': 'fct_transaction_lines'},
        {'due': ['closed_at'], 'through': 'fct_transactions'},
    ] + closing,
    indexes=[{'columns': ['customer_id']}],
) }}
with

-- a day's purchases are one occasion, which ends with the last of them
bought as (
    select
        purchases.brand,
        purchases.customer_id,
        purchases.business_date,
        products.category,
        min(purchases.closed_at) as first_at,
        max(max(purchases.closed_at)) over (partition by purchases.customer_id, purchases.business_date) as occasion_at
    from {{ ref('int_customer_purchases') }} as purchases
    inner join {{ ref('fct_transaction_lines') }} as lines
        on purchases.transaction_key = lines.transaction_key
    inner join {{ ref('dim_products') }} as products
        on lines.product_key = products.product_key
    where lines.quantity > 0 {{ and_changed('purchases.customer_id') }}
    group by purchases.brand, purchases.customer_id, purchases.business_date, products.category
),

-- every occasion stands once for each of its categories and once, without a name, for whatever was bought
antecedents as (
    select
        brand,
        customer_id,
        business_date,
        occasion_at,
        category as antecedent
    from bought
    group by brand, customer_id, business_date, occasion_at, grouping sets ((category), ())
),

occasions as (
    {%- for days in horizons %}
    select
        antecedents.*,
        {{ days }} as horizon_days,
        {{ add_minutes('antecedents.occasion_at', days * 1440) }} as ends_at,
        {{ add_minutes('antecedents.occasion_at', days * 1440) }} <= horizons.as_of as is_closed
    from antecedents
    inner join {{ ref('int_brand_horizons') }} as horizons on antecedents.brand = horizons.brand
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        occasions.*,
        sum(case when occasions.is_closed then 1 else 0 end) over antecedent_of_customer as occasions,
        max(occasions.occasion_at) over antecedent_of_customer as last_bought_at
    from occasions
    window antecedent_of_customer as (partition by occasions.customer_id, occasions.horizon_days, occasions.antecedent)
)

select distinct
    brand,
    customer_id,
    horizon_days,
    antecedent,
    cast(null as text) as consequent,
    occasions,
    cast(0 as bigint) as followed,
    last_bought_at
from counted
union all
select
    counted.brand,
    counted.customer_id,
    counted.horizon_days,
    counted.antecedent,
    later.category,
    counted.occasions,
    count(distinct counted.business_date) as followed,
    counted.last_bought_at
from counted
inner join bought as later
    on
        counted.brand = later.brand
        and counted.customer_id = later.customer_id
        and counted.business_date < later.business_date
        and counted.ends_at >= later.first_at
where counted.is_closed
group by
    counted.brand, counted.customer_id, counted.horizon_days, counted.antecedent, later.category,
    counted.occasions, counted.last_bought_at
