with

histories as (
    select * from {{ ref('int_purchase_histories') }}
    where basis = 'whole'
),

spending as (
    select * from {{ ref('int_customer_spending') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

models as (
    select * from {{ source('estimates', 'purchase_models') }}
    where build_id = {{ build_id() }} and basis = 'whole'
),

forecasts as (
    select * from {{ source('estimates', 'purchase_forecasts') }}
    where build_id = {{ build_id() }} and basis = 'whole'
),

customers as (
    select
        histories.*,
        models.brand is not null as has_forecast,
        {{ expected_spend('models', 'histories') }} as spend_per_purchase,
        forecasts.probability_alive,
        forecasts.expected_purchases
    from histories
    left join models
        on histories.brand = models.brand and {{ usable_forecast('models') }}
    left join forecasts
        on
            models.brand = forecasts.brand
            and histories.repeats = forecasts.repeats
            and histories.recency_days = forecasts.recency_days
            and histories.age_days = forecasts.age_days
)

select
    customers.brand,
    customers.customer_id,
    customers.first_date as first_purchase_date,
    spending.last_purchase_date,
    customers.repeats + 1 as purchase_days,
    horizons.currency,
    spending.spend,
    customers.has_forecast,
    {{ rounded('customers.probability_alive') }} as probability_alive,
    {{ rounded('customers.expected_purchases') }} as expected_purchases,
    {{ rounded('customers.spend_per_purchase', 2) }} as expected_spend_per_purchase,
    {{ rounded('customers.expected_purchases * customers.spend_per_purchase', 2) }} as expected_spend,
    customers.days_ahead as forecast_days,
    horizons.as_of
from customers
inner join horizons
    on customers.brand = horizons.brand
inner join spending
    on customers.brand = spending.brand and customers.customer_id = spending.customer_id
