{%- set ranks = [
    ('recency', 'last_purchase_date'),
    ('frequency', 'purchases'),
    ('monetary', 'spend'),
] -%}
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

spending as (
    select * from {{ ref('int_customer_spending') }}
),

-- Ties are broken by the customer's id: equal customers get neighbouring ranks, the same ones in every build.
ranked as (
    select
        spending.*,
        {%- for name, measure in ranks %}
        row_number() over (
            partition by spending.brand order by spending.{{ measure }}, {{ byte_order('spending.customer_id') }}
        ) - 1 as {{ name }}_below,
        {%- endfor %}
        count(*) over (partition by spending.brand) as customers
    from spending
)

select
    ranked.brand,
    ranked.customer_id,
    {{ days_between('ranked.last_purchase_date', 'horizons.as_of_date') }} as recency_days,
    ranked.purchases,
    horizons.currency,
    ranked.spend,
    {%- for name, _ in ranks %}
    {{ published(quotient('ranked.' ~ name ~ '_below', '(ranked.customers - 1)'), 'ranked.customers') }} as {{ name }}_rank,
    case
        when ranked.customers < {{ var('min_cell') }} then null
        when ranked.{{ name }}_below = ranked.customers - 1 then 5
        else cast(1 + floor(ranked.{{ name }}_below * 5 / (ranked.customers - 1)) as integer)
    end as {{ name }}_score,
    {%- endfor %}
    ranked.customers,
    horizons.as_of
from ranked
inner join horizons
    on ranked.brand = horizons.brand
