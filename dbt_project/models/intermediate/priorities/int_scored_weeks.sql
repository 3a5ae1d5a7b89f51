{%- set soon = add_days('weeks.week_end_date', var('repurchase_days')) -%}
with

weeks as (
    select * from {{ ref('int_customer_weeks') }}
),

answers as (
    select
        surveys.brand,
        surveys.customer_id,
        surveys.survey_version,
        surveys.service_channel,
        surveys.response_key,
        surveys.responded_at,
        surveys.business_date,
        surveys.score_share
    from {{ ref('fct_surveys') }} as surveys
    inner join {{ ref('int_brand_horizons') }} as horizons
        on surveys.brand = horizons.brand and surveys.responded_at <= horizons.as_of
    where surveys.survey_type = 'csat' and surveys.score_share is not null and surveys.customer_id is not null
),

-- the last answer to each instrument by the landmark, within lapse_days
known as (
    select
        weeks.brand,
        weeks.customer_id,
        weeks.landmark_date,
        answers.survey_version,
        answers.service_channel,
        answers.score_share,
        row_number() over (
            partition by weeks.brand, weeks.customer_id, weeks.landmark_date, answers.survey_version
            order by answers.responded_at desc, {{ byte_order('answers.response_key') }} desc
        ) as recency,
        row_number() over (
            partition by weeks.brand, weeks.customer_id, weeks.landmark_date
            order by answers.responded_at desc, {{ byte_order('answers.response_key') }} desc
        ) as recency_of_all
    from weeks
    inner join answers
        on
            weeks.brand = answers.brand
            and weeks.customer_id = answers.customer_id
            and weeks.landmark_date >= answers.business_date
            and {{ add_days('weeks.landmark_date', '-' ~ var('lapse_days')) }} < answers.business_date
)

select
    weeks.brand,
    weeks.customer_id,
    weeks.landmark_date,
    weeks.week_end_date,
    weeks.stratum,
    weeks.is_retained,
    case when weeks.next_purchase_date <= {{ soon }} then 1 else 0 end as is_back,
    known.survey_version,
    known.service_channel,
    known.score_share,
    coalesce(known.recency_of_all = 1, true) as is_latest
from weeks
left join known
    on
        weeks.brand = known.brand and weeks.customer_id = known.customer_id and weeks.landmark_date = known.landmark_date
        and known.recency = 1
