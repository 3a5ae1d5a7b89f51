with

-- the score of recommendation is defined on 0 to 10 alone; answers on another scale are none
survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'nps' and scale_min = 0 and scale_max = 10
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
        cast(sum(case when score >= 9 then n else 0 end) as bigint) as promoters,
        cast(sum(case when score <= 6 then n else 0 end) as bigint) as detractors
    from survey_counts
    group by
        brand, survey_version,
        grouping sets ((period, channel), (period, segment_code), (period), (channel), (segment_code), ())
),

scored as (
    select
        *,
        {{ net_score('promoters', 'detractors', 'responses') }} as score,
        {{ net_score_error('promoters', 'detractors', 'responses') }} as error
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
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    {{ rounded('score') }} as net_promoter_score,
    {{ rounded('error') }} as net_promoter_score_standard_error,
    {{ normal_lower('score', 'error', floor=-100) }} as net_promoter_score_lower,
    {{ normal_upper('score', 'error', ceiling=100) }} as net_promoter_score_upper,
    {{ ratio('responses', 'surveys') }} as response_rate
from scored
