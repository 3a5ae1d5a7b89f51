with

answers as (
    select * from {{ ref('int_survey_answers') }}
)

select
    brand,
    survey_type,
    survey_version,
    case when grouping(period) = 1 then 'all' else period end as period,
    case when grouping(journey_stage) = 1 then 'all' else journey_stage end as journey_stage,
    case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
    count(*) as surveys,
    sum(case when is_responded then 1 else 0 end) as responses
from answers
group by brand, survey_type, survey_version, cube (period, journey_stage, segment_code)
