{%- set beginning = add_days('horizons.as_of_date', '-1 - 3 * ' ~ var('lapse_days')) -%}
with

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

numbers as (
    {{ whole_numbers() }}
),

-- weeks after which lapse_days have passed; the day of as_of is not over
weeks as (
    select
        horizons.brand,
        {{ add_days('horizons.as_of_date', '-1 - ' ~ var('lapse_days') ~ ' - 7 * (numbers.number + 1)') }} as landmark_date,
        {{ add_days('horizons.as_of_date', '-1 - ' ~ var('lapse_days') ~ ' - 7 * numbers.number') }} as week_end_date
    from horizons
    inner join numbers
        on 7 * (numbers.number + 1) <= {{ var('lapse_days') }}
),

-- three times lapse_days reach back to the first landmark and to what makes somebody a customer there; each of these days is
-- held against each week, those before are counted once
days as (
    select days.*
    from {{ ref('int_customer_purchase_days') }} as days
    inner join horizons
        on days.brand = horizons.brand and days.business_date >= {{ beginning }}
),

earlier as (
    select
        days.brand,
        days.customer_id,
        count(*) as purchase_days
    from {{ ref('int_customer_purchase_days') }} as days
    inner join horizons
        on days.brand = horizons.brand and days.business_date < {{ beginning }}
    group by days.brand, days.customer_id
),

standings as (
    select
        days.brand,
        days.customer_id,
        weeks.landmark_date,
        weeks.week_end_date,
        max(case when days.business_date <= weeks.landmark_date then days.business_date end) as last_date,
        sum(case when days.business_date <= weeks.landmark_date then 1 else 0 end) as purchase_days,
        max(case when days.business_date > weeks.week_end_date then 1 else 0 end) as is_retained
    from days
    inner join weeks
        on
            days.brand = weeks.brand
            and days.business_date <= {{ add_days('weeks.week_end_date', var('lapse_days')) }}
    group by days.brand, days.customer_id, weeks.landmark_date, weeks.week_end_date
),

-- customers at the landmark, with what could be known of them by then
active as (
    select
        standings.brand,
        standings.customer_id,
        standings.landmark_date,
        standings.week_end_date,
        standings.is_retained,
        standings.purchase_days + coalesce(earlier.purchase_days, 0) as purchase_days,
        {{ days_between('standings.last_date', 'standings.landmark_date') }} as recency_days,
        segment_periods.segment_code,
        row_number() over (
            partition by standings.brand, standings.customer_id, standings.landmark_date
            order by segment_periods.valid_from desc nulls last, {{ byte_order('segment_periods.segment_code') }}
        ) as preference
    from standings
    left join earlier
        on
            standings.brand = earlier.brand
            and standings.customer_id = earlier.customer_id
    left join {{ ref('int_segment_periods') }} as segment_periods
        on
            standings.brand = segment_periods.brand
            and standings.customer_id = segment_periods.customer_id
            and standings.landmark_date >= segment_periods.valid_from
            and standings.landmark_date < segment_periods.valid_to
    where standings.last_date > {{ add_days('standings.landmark_date', '-' ~ var('lapse_days')) }}
)

-- like meets like: landmark, weeks since the last purchase, days with a purchase so far, segment
select
    brand,
    customer_id,
    landmark_date,
    week_end_date,
    is_retained,
    cast(landmark_date as text)
    || '/' || case when recency_days < 7 then '0' when recency_days < 21 then '1' when recency_days < 42 then '3' else '6' end
    || '/' || case when purchase_days = 1 then '1' when purchase_days <= 3 then '2' when purchase_days <= 7 then '4' else '8' end
    || '/' || coalesce(segment_code, 'unknown') as stratum
from active
where preference = 1
