with

-- the day of as_of is not over
passed as (
    select
        brand,
        {{ add_days('as_of_date', '-1 - ' ~ var('lapse_days')) }} as last_date
    from {{ ref('int_brand_horizons') }}
),

sundays as (
    select
        brand,
        {{ add_days('last_date', '-mod(' ~ iso_weekday('last_date') ~ ', 7)') }} as end_date
    from passed
),

numbers as (
    {{ whole_numbers() }}
)

select
    sundays.brand,
    numbers.number,
    {{ add_days('sundays.end_date', '-7 * numbers.number') }} as end_date,
    {{ add_days('sundays.end_date', '-2 * ' ~ var('lapse_days')) }} as counted_from
from sundays
inner join numbers
    on 7 * numbers.number <= {{ var('lapse_days') }}
