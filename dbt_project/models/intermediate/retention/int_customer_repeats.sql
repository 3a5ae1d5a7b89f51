{%- set bases = ['whole', 'calibration'] -%}
{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_purchase_days'},
        {'over': ['business_date'], 'through': 'int_customer_purchase_days'},
        {'over': ['business_date'], 'through': 'int_customer_purchase_days', 'after': var('forecast_holdout_days')},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

-- The day of as_of is not over.
horizons as (
    select
        brand,
        {{ add_days('as_of_date', '-1') }} as whole_until,
        {{ add_days('as_of_date', '-1 - ' ~ var('forecast_holdout_days')) }} as calibration_until
    from {{ ref('int_brand_horizons') }}
),

purchase_days as (
    select * from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
),

-- The first purchase makes a customer; what is forecast is whether and for how much they come again.
days as (
    select
        purchase_days.brand,
        purchase_days.customer_id,
        purchase_days.business_date,
        purchase_days.spend,
        purchase_days.business_date > spending.first_purchase_date and purchase_days.spend > 0 as has_repeat_spend,
        spending.first_purchase_date as first_date,
        horizons.whole_until,
        horizons.calibration_until
    from purchase_days
    inner join {{ ref('int_customer_spending') }} as spending
        on purchase_days.customer_id = spending.customer_id and purchase_days.brand = spending.brand
    inner join horizons
        on purchase_days.brand = horizons.brand
),

-- both by one reading of the days
histories as (
    select
        brand,
        customer_id,
        first_date,
        whole_until,
        calibration_until,
        {%- for basis in bases %}
        sum(case when business_date <= {{ basis }}_until then 1 else 0 end) - 1 as {{ basis }}_repeats,
        max(case when business_date <= {{ basis }}_until then business_date end) as {{ basis }}_last_date,
        sum(case when business_date <= {{ basis }}_until and has_repeat_spend then 1 else 0 end) as {{ basis }}_spend_days,
        sum(case when business_date <= {{ basis }}_until and has_repeat_spend then spend end) as {{ basis }}_spend,
        {%- endfor %}
        sum(case when business_date > calibration_until then 1 else 0 end) as later_purchases,
        sum(case when business_date > calibration_until then coalesce(spend, 0) else 0 end) as later_spend
    from days
    group by customer_id, brand, first_date, whole_until, calibration_until
)

{%- for basis in bases %}

select
    brand,
    '{{ basis }}' as basis,
    customer_id,
    first_date,
    {{ basis }}_repeats as repeats,
    {{ days_between('first_date', basis ~ '_last_date') }} as recency_days,
    {{ basis }}_spend_days as spend_days,
    cast({{ basis }}_spend as decimal(18, 2)) as repeat_spend,
    case when '{{ basis }}' = 'calibration' then later_purchases end as later_purchases,
    cast(case when '{{ basis }}' = 'calibration' then later_spend end as decimal(18, 2)) as later_spend
from histories
where first_date <= {{ basis }}_until
{{ 'union all' if not loop.last }}
{%- endfor %}
