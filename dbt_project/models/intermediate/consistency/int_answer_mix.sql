with

counts as (
    select
        brand,
        case when grouping(period_month) = 1 then 'all' else {{ month_text('period_month') }} end as period,
        issue_code,
        channel,
        resolution_code,
        cast(sum(n) as bigint) as n
    from {{ ref('int_answer_counts') }}
    where resolution_code is not null
    group by brand, issue_code, channel, resolution_code, grouping sets ((period_month), ())
),

channel_totals as (
    select
        *,
        cast(sum(n) over (partition by brand, period, issue_code, channel) as bigint) as channel_cases
    from counts
)

-- cases of which no issue is known are about anything
select
    *,
    issue_code <> 'unknown' and channel_cases >= {{ var('channel_min_cases') }} as is_compared
from channel_totals
