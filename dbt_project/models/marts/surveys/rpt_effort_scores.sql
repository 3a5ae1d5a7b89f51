with

-- the second version of the effort score is defined on 1 to 7, where 7 is least effort
survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'ces' and scale_min = 1 and scale_max = 7
),

cells as (
    select
        brand,
        survey_version,
        case when grouping(period) = 1 then 'all' else period end as period,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        case when grouping(segment_code) = 1 then 'all' else segment_code end as segment_code,
        cast(sum(n) as bigint) as surveys,
        cast(sum(case when score is not null then n else 0 end) as bigint) as responses,
        cast(sum(case when score >= 6 then n else 0 end) as bigint) as easy,
        cast(sum(case when score <= 3 then n else 0 end) as bigint) as hard,
        coalesce(sum(score * n), 0) as score_sum,
        coalesce(sum(score * score * n), 0) as score_square_sum
    from survey_counts
    group by
        brand, survey_version,
        grouping sets ((period, channel), (period, segment_code), (period), (channel), (segment_code), ())
),

scored as (
    select
        *,
        {{ enough(quotient('score_sum', 'responses'), 'responses') }} as mean,
        {{ mean_error('score_sum', 'score_square_sum', 'responses') }} as mean_error,
        {{ net_score('easy', 'hard', 'responses') }} as net,
        {{ net_score_error('easy', 'hard', 'responses') }} as net_error
    from cells
)

select
    brand,
    survey_version,
    period,
    channel,
    segment_code,
    surveys,
    responses,
    easy,
    hard,
    {{ rounded('mean') }} as effort_score_mean,
    {{ normal_lower('mean', 'mean_error', floor=1) }} as effort_score_mean_lower,
    {{ normal_upper('mean', 'mean_error', ceiling=7) }} as effort_score_mean_upper,
    {{ rounded('net') }} as net_easy_score,
    {{ normal_lower('net', 'net_error', floor=-100) }} as net_easy_score_lower,
    {{ normal_upper('net', 'net_error', ceiling=100) }} as net_easy_score_upper,
    {{ ratio('responses', 'surveys') }} as response_rate
from scored
