with

survey_counts as (
    select * from {{ ref('int_survey_counts') }}
)

select
    brand,
    survey_type,
    survey_version,
    case when grouping(period) = 1 then 'all' else period end as period,
    case when grouping(journey_stage) = 1 then 'all' else journey_stage end as journey_stage,
    case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
    cast(sum(n) as bigint) as surveys,
    cast(sum(case when is_responded then n else 0 end) as bigint) as responses
from survey_counts
group by brand, survey_type, survey_version, cube (period, journey_stage, segment_code)
