{%- set group_key = 'brand, survey_type, survey_version, period' -%}
with

score_counts as (
    select
        brand,
        survey_type,
        survey_version,
        case when grouping(period) = 1 then 'all' else period end as period,
        channel,
        issue_code,
        score,
        cast(sum(n) as bigint) as n
    from {{ ref('int_survey_counts') }}
    where score is not null and channel <> 'unknown' and issue_code <> 'unknown'
    group by brand, survey_type, survey_version, channel, issue_code, score, grouping sets ((period), ())
),

totals as (
    select
        *,
        cast(sum(n) over (partition by {{ group_key }}, channel) as bigint) as channel_responses,
        cast(sum(n) over (partition by {{ group_key }}, channel, issue_code) as bigint) as issue_responses
    from score_counts
),

judged as (
    select
        *,
        channel_responses >= {{ var('channel_min_responses') }} as is_channel_compared
    from totals
),

channels as (
    select
        {{ group_key }},
        count(distinct channel) as channel_count
    from judged
    where is_channel_compared
    group by {{ group_key }}
),

-- an issue that one of the channels hardly ever meets says nothing of how they part
common_issues as (
    select
        {{ group_key }},
        issue_code,
        count(distinct channel) as channel_count
    from judged
    where is_channel_compared and issue_responses >= {{ var('channel_min_issue_responses') }}
    group by {{ group_key }}, issue_code
)

select
    {{ group_key }},
    judged.channel,
    issue_code,
    judged.score,
    judged.n,
    judged.channel_responses,
    judged.issue_responses,
    judged.is_channel_compared,
    judged.is_channel_compared and coalesce(
        channels.channel_count >= 2 and common_issues.channel_count = channels.channel_count, false
    ) as is_compared
from judged
left join channels using ({{ group_key }})  -- noqa: ST07
left join common_issues using ({{ group_key }}, issue_code)  -- noqa: ST07
