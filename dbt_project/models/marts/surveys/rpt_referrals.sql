{%- set days = var('referral_days') | int -%}
with

referrals as (
    select
        advocacy.brand,
        {{ month_text('advocacy.period_month') }} as period,
        advocacy.issue_code,
        advocacy.customer_id,
        advocacy.episode_key,
        {{ add_minutes('advocacy.happened_at', days * 24 * 60) }} <= horizons.as_of as is_judged,
        advocacy.converted_at >= advocacy.happened_at
        and {{ add_minutes('advocacy.happened_at', days * 24 * 60) }} >= advocacy.converted_at as is_converted
    from {{ ref('int_advocacy') }} as advocacy
    inner join {{ ref('int_brand_horizons') }} as horizons
        on advocacy.brand = horizons.brand and advocacy.happened_at <= horizons.as_of
    where advocacy.kind = 'referral'
),

cells as (
    select
        brand,
        case when grouping(period) = 1 then 'all' else period end as period,
        case when grouping(issue_code) = 1 then 'all' else issue_code end as issue_code,
        count(*) as referrals,
        count(distinct customer_id) as referrers,
        count(episode_key) as with_episode,
        count(case when is_judged then 1 end) as judged,
        count(case when is_judged and is_converted then 1 end) as converted
    from referrals
    group by brand, grouping sets ((period), (issue_code), ())
)

select
    *,
    {{ share_with_interval('conversion_share', 'converted', 'judged') }},
    {{ days }} as conversion_days,
    {{ var('word_of_mouth_days') }} as episode_days
from cells
