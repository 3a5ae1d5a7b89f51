{{ config(
    materialized='by_key',
    key='period',
    changed_by=[{'model': 'int_survey_answers'}],
    indexes=[{'columns': ['period']}],
) }}
with

answers as (
    select * from {{ ref('int_survey_answers') }}
    {{ where_changed() }}
)

select
    brand,
    survey_type,
    survey_version,
    period,
    journey_stage,
    segment_code,
    channel,
    issue_code,
    score,
    score_share,
    scale_min,
    scale_max,
    is_responded,
    count(*) as n
from answers
group by
    brand, survey_type, survey_version, period, journey_stage, segment_code, channel, issue_code, score, score_share,
    scale_min, scale_max, is_responded
