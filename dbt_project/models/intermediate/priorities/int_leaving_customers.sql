{%- set before_cut = add_days('cohort.week_end_date', '-' ~ var('lapse_days')) -%}
with

weeks as (
    select
        *,
        max(landmark_date) over (partition by brand) as last_landmark_date
    from {{ ref('int_customer_weeks') }}
),

cohort as (
    select * from weeks
    where landmark_date = last_landmark_date
),

purchase_days as (
    select
        cohort.brand,
        cohort.customer_id,
        days.last_channel,
        sum(days.spend) over (partition by cohort.brand, cohort.customer_id) as spend,
        row_number() over (partition by cohort.brand, cohort.customer_id order by days.business_date desc) as recency_rank
    from cohort
    inner join {{ ref('int_customer_purchase_days') }} as days
        on
            cohort.brand = days.brand
            and cohort.customer_id = days.customer_id
            and cohort.week_end_date >= days.business_date
            and days.business_date > {{ before_cut }}
)

-- those of the latest week judged
select
    cohort.brand,
    cohort.customer_id,
    cohort.stratum,
    cohort.week_end_date as cut_date,
    1 - cohort.is_retained as is_lapsed,
    coalesce(purchase_days.last_channel, 'unknown') as channel,
    cast(purchase_days.spend as decimal(18, 2)) as spend
from cohort
left join purchase_days
    on
        cohort.brand = purchase_days.brand
        and cohort.customer_id = purchase_days.customer_id
        and purchase_days.recency_rank = 1
