with

days as (
    select * from {{ ref('int_customer_purchase_days') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

first_days as (
    select
        *,
        min(business_date) over (partition by brand, customer_id) as first_date
    from days
),

-- The day of as_of is not over.
windows as (
    select
        brand,
        'whole' as basis,
        {{ add_days('as_of_date', '-1') }} as seen_until,
        {{ var('forecast_days') }} as days_ahead
    from horizons
    union all
    select
        brand,
        'calibration' as basis,
        {{ add_days('as_of_date', '-1 - ' ~ var('forecast_holdout_days')) }} as seen_until,
        {{ var('forecast_holdout_days') }} as days_ahead
    from horizons
),

-- The first purchase makes a customer; what is forecast is whether and for how much they come again.
marked as (
    select
        first_days.*,
        windows.basis,
        windows.seen_until,
        windows.days_ahead,
        first_days.business_date <= windows.seen_until as is_seen,
        first_days.business_date > first_days.first_date and first_days.spend > 0 as has_repeat_spend
    from first_days
    inner join windows
        on
            first_days.brand = windows.brand
            and first_days.first_date <= windows.seen_until
)

select
    brand,
    basis,
    customer_id,
    first_date,
    seen_until,
    days_ahead,
    sum(case when is_seen then 1 else 0 end) - 1 as repeats,
    {{ days_between('first_date', 'max(case when is_seen then business_date end)') }} as recency_days,
    {{ days_between('first_date', 'seen_until') }} as age_days,
    sum(case when is_seen and has_repeat_spend then 1 else 0 end) as spend_days,
    cast(sum(case when is_seen and has_repeat_spend then spend end) as decimal(18, 2)) as repeat_spend,
    case when basis = 'calibration' then sum(case when is_seen then 0 else 1 end) end as later_purchases,
    cast(
        case when basis = 'calibration' then sum(case when is_seen then 0 else coalesce(spend, 0) end) end as decimal(18, 2)
    ) as later_spend
from marked
group by brand, basis, customer_id, first_date, seen_until, days_ahead
