with

-- the ends of an index each, whatever the history
spans as (
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from {{ ref('fct_transactions') }}
    union all
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from {{ ref('fct_calls') }}
    union all
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from {{ ref('fct_cases') }}
    union all
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from {{ ref('fct_surveys') }}
    union all
    select
        min(business_date) as first_day,
        max(business_date) as last_day
    from {{ ref('fct_recoveries') }}
),

span as (
    select
        min(first_day) as first_day,
        max(last_day) as last_day
    from spans
),

calendar as (
    select {{ day_series('span.first_day', 'span.last_day') }} as date_day
    from span
),

-- 1 January 0001 was a Monday: weekdays by counting, since engines disagree on their names
weekdays as (
    select
        date_day,
        mod({{ days_between("cast('0001-01-01' as date)", 'date_day') }}, 7) + 1 as iso_weekday
    from calendar
),

-- the Thursday of a week says which year the week belongs to
thursdays as (
    select
        date_day,
        iso_weekday,
        {{ add_days('date_day', '4 - iso_weekday') }} as thursday
    from weekdays
)

select
    date_day,
    cast(extract(year from date_day) as integer) as year,
    cast(extract(month from date_day) as integer) as month,
    {{ month_start('date_day') }} as month_start,
    cast(floor((extract(doy from thursday) - 1) / 7) + 1 as integer) as iso_week,
    iso_weekday,
    iso_weekday >= 6 as is_weekend
from thursdays
