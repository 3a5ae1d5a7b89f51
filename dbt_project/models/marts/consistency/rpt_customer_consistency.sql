with

scores as (
    select
        *,
        {{ rounded(quotient('score_sum', 'answers'), 6) }} as mean_score
    from {{ ref('int_customer_channel_scores') }}
),

pairs as (
    select
        low.brand,
        low.survey_type,
        low.survey_version,
        low.channel,
        high.channel as other_channel,
        low.answers,
        high.answers as other_answers,
        low.mean_score,
        high.mean_score as other_mean_score,
        low.mean_score - high.mean_score as difference
    from scores as low
    inner join scores as high
        on
            low.brand = high.brand
            and low.customer_id = high.customer_id
            and low.survey_type = high.survey_type
            and low.survey_version = high.survey_version
            and {{ byte_order('low.channel') }} < {{ byte_order('high.channel') }}
),

totals as (
    select
        brand,
        survey_type,
        survey_version,
        channel,
        other_channel,
        count(*) as persons_asked,
        count(difference) as persons,
        sum(case when difference is not null then answers else 0 end) as answers,
        sum(case when difference is not null then other_answers else 0 end) as other_answers,
        sum(case when difference is not null then mean_score end) as mean_score_sum,
        sum(case when difference is not null then other_mean_score end) as other_mean_score_sum,
        sum(difference) as difference_sum,
        sum(difference * difference) as difference_squares
    from pairs
    group by brand, survey_type, survey_version, channel, other_channel
)

select
    brand,
    survey_type,
    survey_version,
    channel,
    other_channel,
    persons_asked,
    persons,
    {{ share_with_interval('answered_share', 'persons', 'persons_asked') }},
    cast(answers as bigint) as answers,
    cast(other_answers as bigint) as other_answers,
    {{ published(quotient('mean_score_sum', 'persons'), 'persons') }} as mean_score,
    {{ published(quotient('other_mean_score_sum', 'persons'), 'persons') }} as other_mean_score,
    {{ estimate_with_interval(
        'mean_difference',
        quotient('difference_sum', 'persons'),
        mean_reach('persons', 'difference_sum', 'difference_squares'),
        'persons'
    ) }}
from totals
