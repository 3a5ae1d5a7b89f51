{%- set days = var('comparison_window_weeks') * 7 -%}
with

starts as (
    select * from {{ ref('int_comparison_starts') }}
),

-- the days on which a comparison's units began, once the weeks after are over
dates as (
    select distinct
        starts.comparison_key,
        starts.brand,
        starts.measured_on,
        starts.standard_key,
        starts.unit_type,
        starts.before_until,
        starts.began_on,
        {{ add_days('starts.before_until', '-' ~ days) }} as first_day,
        {{ add_days('starts.began_on', days) }} as last_day
    from starts
    inner join {{ ref('int_brand_horizons') }} as horizons
        on starts.brand = horizons.brand and {{ add_days('starts.began_on', days) }} < horizons.as_of_date
)

-- the first day itself is neither before nor after, nor is what lies between
select
    dates.comparison_key,
    dates.standard_key,
    dates.began_on,
    dates.first_day,
    dates.last_day,
    daily.unit_type,
    daily.unit_id,
    sum(case when daily.business_date < dates.before_until then daily.judged else 0 end) as days_before,
    sum(case when daily.business_date < dates.before_until then daily.attained else 0 end) as attained_before,
    sum(case when daily.business_date > dates.began_on then daily.judged else 0 end) as days_after,
    sum(case when daily.business_date > dates.began_on then daily.attained else 0 end) as attained_after
from dates
inner join {{ ref('int_comparison_days') }} as daily
    on
        dates.brand = daily.brand
        and dates.measured_on = daily.measured_on
        and coalesce(dates.standard_key, daily.standard_key) = daily.standard_key
        and coalesce(dates.unit_type, daily.unit_type) = daily.unit_type
        and daily.business_date between dates.first_day and dates.last_day
group by
    dates.comparison_key, dates.standard_key, dates.began_on, dates.before_until, dates.first_day, dates.last_day,
    daily.unit_type, daily.unit_id
