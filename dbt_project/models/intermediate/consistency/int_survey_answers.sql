{{ config(
    materialized='by_key',
    key='response_key',
    changed_by=[
        {'model': 'fct_surveys'},
        {'due': ['responded_at', 'sent_at'], 'through': 'fct_surveys'},
    ],
    logs=['period'],
    indexes=[{'columns': ['response_key']}, {'columns': ['period']}],
) }}
with

surveys as (
    select * from {{ ref('fct_surveys') }}
    {{ where_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
)

select
    surveys.response_key,
    surveys.brand,
    surveys.survey_type,
    surveys.survey_version,
    {{ month_text('surveys.business_date') }} as period,
    coalesce(surveys.journey_stage, 'unknown') as journey_stage,
    coalesce(surveys.segment_code, 'unknown') as segment_code,
    coalesce(surveys.service_channel, 'unknown') as channel,
    coalesce(surveys.issue_code, 'unknown') as issue_code,
    cast(case when surveys.responded_at <= horizons.as_of then surveys.score end as decimal(9, 4)) as score,
    case when surveys.responded_at <= horizons.as_of then surveys.score_share end as score_share,
    cast(surveys.scale_min as decimal(9, 4)) as scale_min,
    cast(surveys.scale_max as decimal(9, 4)) as scale_max,
    coalesce(surveys.responded_at <= horizons.as_of, false) as is_responded
from surveys
inner join horizons
    on surveys.brand = horizons.brand
where
    surveys.survey_type <> 'employee'
    and least(surveys.responded_at, surveys.sent_at) <= horizons.as_of
