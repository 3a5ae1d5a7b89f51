{{ config(tags=['model']) }}
-- the calendar covers every business date of every fact
with

touches as (
    select * from {{ ref('fct_touchpoints') }}
    {{ where_changed_since_publication([ref('fct_touchpoints')]) }}
)

select touches.business_date
from touches
left join {{ ref('dim_dates') }} as dates
    on touches.business_date = dates.date_day
where touches.business_date is not null and dates.date_day is null
