{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_customer_weeks'}, {'model': 'fct_surveys', 'logged': 'customer_id'}],
    logs=['brand'],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set soon = add_days('weeks.week_end_date', var('repurchase_days')) -%}
with

weeks as (
    select * from {{ ref('int_customer_weeks') }}
    {{ where_changed() }}
),

answers as (
    select
        brand,
        customer_id,
        survey_version,
        service_channel,
        response_key,
        responded_at,
        business_date,
        score_share
    from {{ ref('fct_surveys') }}
    where survey_type = 'csat' and score_share is not null and customer_id is not null {{ and_changed() }}
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
