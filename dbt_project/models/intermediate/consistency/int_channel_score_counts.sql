{%- set group_key = 'brand, survey_type, survey_version, period, journey_stage, segment_code' -%}

with

survey_counts as (
    select * from {{ ref('int_survey_counts') }}
),

score_counts as (
    select
        brand,
        survey_type,
        survey_version,
        case when grouping(period) = 1 then 'all' else period end as period,
        case when grouping(journey_stage) = 1 then 'all' else journey_stage end as journey_stage,
        case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
        channel,
        score,
        cast(sum(n) as bigint) as n
    from survey_counts
    where score is not null
    group by brand, survey_type, survey_version, channel, score, cube (period, journey_stage, segment_code)
),

channel_totals as (
    select
        *,
        cast(sum(n) over (partition by {{ group_key }}, channel) as bigint) as channel_responses
    from score_counts
)

select
    *,
    channel <> 'unknown' and channel_responses >= {{ var('channel_min_responses', 50) }} as is_compared
from channel_totals
