{{ config(
    materialized='by_key',
    key='customer_id',
    stands_on='int_landmark_weeks',
    changed_by=[{'model': 'int_customer_purchase_days'}, {'model': 'int_segment_periods'}],
    logs=['brand'],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set last_told = add_days('end_date', '7 + greatest(' ~ var('lapse_days') ~ ', ' ~ var('repurchase_days') ~ ')') -%}
with

week_ends as (
    select * from {{ ref('int_landmark_weeks') }}
),

-- days before counted_from are only counted
days as (
    select
        days.brand,
        days.customer_id,
        days.business_date,
        row_number() over purchases as purchase_days,
        lead(days.business_date) over purchases as next_date
    from {{ ref('int_customer_purchase_days') }} as days
    inner join week_ends
        on days.brand = week_ends.brand and week_ends.number = 0 and days.business_date >= week_ends.counted_from
    {{ where_changed('days.customer_id') }}
    window purchases as (partition by days.customer_id, days.brand order by days.business_date)
),

earlier as (
    select
        days.brand,
        days.customer_id,
        count(*) as purchase_days
    from {{ ref('int_customer_purchase_days') }} as days
    inner join week_ends
        on days.brand = week_ends.brand and week_ends.number = 0 and days.business_date < week_ends.counted_from
    {{ where_changed('days.customer_id') }}
    group by days.customer_id, days.brand
),

-- the last purchase at the end of each week; of use is one that made a customer when the week began
standings as (
    select
        days.*,
        week_ends.number,
        week_ends.end_date,
        lead(days.next_date) over (
            partition by days.customer_id, days.brand order by week_ends.end_date
        ) as next_purchase_date
    from days
    inner join week_ends
        on
            days.brand = week_ends.brand
            and days.business_date <= week_ends.end_date
            and coalesce(days.next_date > week_ends.end_date, true)
            and days.business_date > {{ add_days('week_ends.end_date', '-7 - ' ~ var('lapse_days')) }}
),

segment_periods as (
    select * from {{ ref('int_segment_periods') }}
    {{ where_changed() }}
),

-- customers at the end of a week, the landmark of the next one, with what could be known of them by then
active as (
    select
        standings.*,
        standings.purchase_days + coalesce(earlier.purchase_days, 0) as bought_days,
        {{ days_between('standings.business_date', 'standings.end_date') }} as recency_days,
        segment_periods.segment_code,
        row_number() over (
            partition by standings.customer_id, standings.brand, standings.end_date
            order by segment_periods.valid_from desc nulls last, {{ byte_order('segment_periods.segment_code') }}
        ) as preference
    from standings
    left join earlier
        on standings.customer_id = earlier.customer_id and standings.brand = earlier.brand
    left join segment_periods
        on
            standings.customer_id = segment_periods.customer_id and standings.brand = segment_periods.brand
            and standings.end_date >= segment_periods.valid_from and standings.end_date < segment_periods.valid_to
    where standings.number > 0 and standings.business_date > {{ add_days('standings.end_date', '-' ~ var('lapse_days')) }}
)

-- like meets like: landmark, weeks since the last purchase, days with a purchase so far, segment
select
    brand,
    customer_id,
    end_date as landmark_date,
    {{ add_days('end_date', 7) }} as week_end_date,
    case when next_purchase_date <= {{ last_told }} then next_purchase_date end as next_purchase_date,
    case when next_purchase_date <= {{ add_days('end_date', '7 + ' ~ var('lapse_days')) }} then 1 else 0 end as is_retained,
    cast(end_date as text)
    || '/' || case when recency_days < 7 then '0' when recency_days < 21 then '1' when recency_days < 42 then '3' else '6' end
    || '/' || case when bought_days = 1 then '1' when bought_days <= 3 then '2' when bought_days <= 7 then '4' else '8' end
    || '/' || coalesce(segment_code, 'unknown') as stratum
from active
where preference = 1
