{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_surveys'},
        {'due': ['responded_at', 'sent_at'], 'through': 'fct_surveys'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

surveys as (
    select * from {{ ref('fct_surveys') }}
    where
        customer_id is not null
        and service_channel is not null
        and survey_type <> 'employee' {{ and_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

known as (
    select
        surveys.*,
        case when surveys.responded_at <= horizons.as_of then surveys.score end as known_score
    from surveys
    inner join horizons
        on
            surveys.brand = horizons.brand
            and least(surveys.responded_at, surveys.sent_at) <= horizons.as_of
)

select
    brand,
    customer_id,
    survey_type,
    survey_version,
    service_channel as channel,
    count(*) as surveys,
    count(known_score) as answers,
    sum(known_score) as score_sum
from known
group by brand, customer_id, survey_type, survey_version, service_channel
