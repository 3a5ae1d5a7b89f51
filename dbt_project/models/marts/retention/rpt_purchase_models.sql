with

models as (
    select * from {{ source('estimates', 'purchase_models') }}
    where build_id = {{ build_id() }}
),

histories as (
    select * from {{ ref('int_purchase_histories') }}
),

forecasts as (
    select * from {{ source('estimates', 'purchase_forecasts') }}
    where build_id = {{ build_id() }}
),

windows as (
    select
        brand,
        basis,
        min(seen_until) as seen_until,
        min(days_ahead) as days_ahead
    from histories
    group by brand, basis
),

-- What was expected of each customer at the end of the calibration, beside what the customer then did.
outcomes as (
    select
        histories.brand,
        histories.basis,
        histories.later_purchases,
        histories.later_spend,
        forecasts.expected_purchases,
        forecasts.expected_purchases * {{ expected_spend('models', 'histories') }} as expected_spend
    from histories
    inner join models
        on histories.brand = models.brand and histories.basis = models.basis
    inner join forecasts
        on
            histories.brand = forecasts.brand
            and histories.basis = forecasts.basis
            and histories.repeats = forecasts.repeats
            and histories.recency_days = forecasts.recency_days
            and histories.age_days = forecasts.age_days
    where histories.basis = 'calibration'
),

holdouts as (
    select
        brand,
        basis,
        sum(expected_purchases) as expected_purchases,
        cast(sum(later_purchases) as bigint) as observed_purchases,
        avg(abs(expected_purchases - later_purchases)) as mean_absolute_error,
        sum(expected_spend) as expected_spend,
        sum(later_spend) as observed_spend
    from outcomes
    group by brand, basis
)

select
    models.brand,
    models.basis,
    windows.seen_until,
    windows.days_ahead,
    models.customers,
    models.repeaters,
    {{ rounded('models.r') }} as r,
    {{ rounded('models.alpha') }} as alpha,
    {{ rounded('models.a') }} as a,
    {{ rounded('models.b') }} as b,
    {{ rounded('models.log_likelihood') }} as log_likelihood,
    models.spenders,
    {{ rounded('models.p') }} as p,
    {{ rounded('models.q') }} as q,
    {{ rounded('models.gamma') }} as gamma,
    {{ usable_forecast('models') }} as is_usable,
    {{ rounded('holdouts.expected_purchases', 2) }} as expected_purchases,
    holdouts.observed_purchases,
    {{ rounded(quotient('holdouts.expected_purchases', 'holdouts.observed_purchases') ~ ' - 1') }} as purchase_error,
    {{ rounded('holdouts.mean_absolute_error') }} as mean_absolute_error,
    {{ rounded('holdouts.expected_spend', 2) }} as expected_spend,
    cast(holdouts.observed_spend as decimal(18, 2)) as observed_spend,
    {{ rounded(quotient('holdouts.expected_spend', 'holdouts.observed_spend') ~ ' - 1') }} as spend_error,
    {{ var('forecast_min_repeaters') }} as min_repeaters
from models
inner join windows
    on models.brand = windows.brand and models.basis = windows.basis
left join holdouts
    on models.brand = holdouts.brand and models.basis = holdouts.basis
