{{ config(
    materialized='by_key',
    key='customer_id',
    stands_on='int_landmark_weeks',
    changed_by=[{'model': 'int_customer_weeks'}, {'model': 'int_customer_purchase_days'}],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set before_cut = add_days('cohort.week_end_date', '-' ~ var('lapse_days')) -%}
with

-- those of the latest week judged
cohort as (
    select weeks.*
    from {{ ref('int_customer_weeks') }} as weeks
    inner join {{ ref('int_landmark_weeks') }} as landmarks
        on weeks.brand = landmarks.brand and weeks.landmark_date = landmarks.end_date and landmarks.number = 1
    {{ where_changed('weeks.customer_id') }}
),

days as (
    select * from {{ ref('int_customer_purchase_days') }}
    {{ where_changed() }}
),

purchase_days as (
    select
        cohort.brand,
        cohort.customer_id,
        days.last_channel,
        sum(days.spend) over (partition by cohort.brand, cohort.customer_id) as spend,
        row_number() over (partition by cohort.brand, cohort.customer_id order by days.business_date desc) as recency_rank
    from cohort
    inner join days
        on
            cohort.brand = days.brand
            and cohort.customer_id = days.customer_id
            and cohort.week_end_date >= days.business_date
            and days.business_date > {{ before_cut }}
)

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
