with

days as (
    select * from {{ ref('int_customer_purchase_days') }}
),

troubles as (
    select * from {{ ref('int_customer_troubles') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- those who are customers today, and what they spent in the lapse days that make them so
spending as (
    select
        days.brand,
        days.customer_id,
        sum(days.spend) as spend
    from days
    inner join horizons
        on days.brand = horizons.brand
    where
        days.business_date < horizons.as_of_date
        and days.business_date >= {{ add_days('horizons.as_of_date', '-' ~ var('lapse_days')) }}
    group by days.brand, days.customer_id
),

touched as (
    select distinct
        troubles.brand,
        troubles.customer_id,
        troubles.code
    from troubles
    inner join horizons
        on troubles.brand = horizons.brand
    where
        troubles.began_on < horizons.as_of_date
        and troubles.began_on >= {{ add_days('horizons.as_of_date', '-' ~ var('lapse_days')) }}
        and coalesce(troubles.mended_at > horizons.as_of, true)
)

select
    touched.brand,
    touched.code,
    count(*) as people_touched,
    cast(sum(spending.spend) as decimal(18, 2)) as spend
from touched
inner join spending
    on
        touched.brand = spending.brand
        and touched.customer_id = spending.customer_id
group by touched.brand, touched.code
