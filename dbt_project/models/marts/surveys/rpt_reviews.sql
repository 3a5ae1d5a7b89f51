{%- set hours, negative = var('review_answer_hours') | int, var('low_score_share') -%}
with

reviews as (
    select
        advocacy.*,
        {{ month_text('advocacy.period_month') }} as period,
        advocacy.rating <= advocacy.scale_max * {{ negative }} as is_negative,
        {{ add_minutes('advocacy.happened_at', hours * 60) }} <= horizons.as_of as is_window_closed,
        case
            when advocacy.responded_at between advocacy.happened_at and horizons.as_of
                then {{ seconds_between('advocacy.happened_at', 'advocacy.responded_at') }}
        end as answered_after_seconds
    from {{ ref('int_advocacy') }} as advocacy
    inner join {{ ref('int_brand_horizons') }} as horizons
        on advocacy.brand = horizons.brand and advocacy.happened_at <= horizons.as_of
    where advocacy.kind = 'review'
),

-- scales are never mixed: a platform is summed over the reviews of one scale
cells as (
    select
        brand,
        platform,
        scale_max,
        case when grouping(period) = 1 then 'all' else period end as period,
        case when grouping(issue_code) = 1 then 'all' else issue_code end as issue_code,
        count(*) as reviews,
        count(customer_id) as known_reviews,
        count(episode_key) as with_episode,
        sum(rating) as rating_sum,
        sum(rating * rating) as rating_square_sum,
        count(case when is_negative then 1 end) as negative,
        count(case when is_negative and is_window_closed then 1 end) as negative_judged,
        count(case when is_negative and is_window_closed and answered_after_seconds <= {{ hours }} * 3600 then 1 end)
            as negative_answered,
        {{ percentile_hours('case when is_negative then answered_after_seconds end', 0.5) }} as answer_median_hours
    from reviews
    group by brand, platform, scale_max, grouping sets ((period), (issue_code), ())
)

select
    brand,
    platform,
    cast(scale_max as decimal(9, 4)) as scale_max,
    period,
    issue_code,
    reviews,
    known_reviews,
    with_episode,
    cast(rating_sum as decimal(18, 4)) as rating_sum,
    {{ estimate_with_interval(
        'mean_rating', quotient('rating_sum', 'reviews'), mean_reach('reviews', 'rating_sum', 'rating_square_sum'), 'reviews'
    ) }},
    negative,
    {{ share_with_interval('negative_share', 'negative', 'reviews') }},
    negative_judged,
    negative_answered,
    {{ share_with_interval('negative_answered_share', 'negative_answered', 'negative_judged') }},
    answer_median_hours,
    {{ hours }} as answer_hours,
    cast({{ negative }} as decimal(18, 4)) as negative_up_to,
    {{ var('word_of_mouth_days') }} as episode_days
from cells
