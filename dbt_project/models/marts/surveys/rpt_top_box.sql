with

survey_counts as (
    select * from {{ ref('int_survey_counts') }}
    where survey_type = 'csat'
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
        cast(sum(case when score_share = 1 then n else 0 end) as bigint) as top_box,
        cast(sum(case when score_share >= {{ var('satisfied_share') }} then n else 0 end) as bigint) as satisfied
    from survey_counts
    group by
        brand, survey_version,
        grouping sets ((period, channel), (period, segment_code), (period), (channel), (segment_code), ())
)

select
    *,
    satisfied - top_box as merely_satisfied,
    {{ ratio('responses', 'surveys') }} as response_rate,
    {{ ratio('satisfied', 'responses') }} as satisfied_share,
    {{ wilson_lower('satisfied', 'responses') }} as satisfied_share_lower,
    {{ wilson_upper('satisfied', 'responses') }} as satisfied_share_upper,
    {{ ratio('top_box', 'responses') }} as top_box_share,
    {{ wilson_lower('top_box', 'responses') }} as top_box_share_lower,
    {{ wilson_upper('top_box', 'responses') }} as top_box_share_upper,
    cast({{ var('satisfied_share') }} as decimal(18, 4)) as satisfied_from
from cells
