{{ config(tags=['model']) }}
-- the calendar covers every business date of every fact
select touches.business_date
from {{ ref('fct_touchpoints') }} as touches
left join {{ ref('dim_dates') }} as dates
    on touches.business_date = dates.date_day
where touches.business_date is not null and dates.date_day is null
