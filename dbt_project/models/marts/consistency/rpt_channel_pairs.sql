{%- set group_key = 'brand, survey_type, survey_version, period, journey_stage, segment_code' -%}

with

-- joins by one key each: of several, Postgres expects so few rows that it looks through all of them for each
compared as (
    select
        *,
        concat_ws(chr(31), {{ group_key }}) as group_key,
        concat_ws(chr(31), {{ group_key }}, channel, score) as score_key
    from {{ ref('int_channel_score_counts') }}
    where is_compared
),

channels as (
    select distinct
        {{ group_key }},
        group_key,
        channel,
        channel_responses
    from compared
),

scores as (
    select distinct
        group_key,
        score
    from compared
),

-- Every channel gets every score of its group, so that the cumulative shares of two channels meet at each score.
dense_counts as (
    select
        channels.*,
        scores.score,
        coalesce(compared.n, 0) as n
    from channels
    inner join scores on channels.group_key = scores.group_key
    left join compared on concat_ws(chr(31), channels.group_key, channels.channel, scores.score) = compared.score_key
),

distributions as (
    select
        *,
        {{ quotient('n', 'channel_responses') }} as share,
        {{ quotient('sum(n) over (partition by group_key, channel order by score)', 'channel_responses') }}
            as cumulative_share,
        lead(score) over (partition by group_key, channel order by score) - score as step
    from dense_counts
),

pairs as (
    select
        low.*,
        high.channel as other_channel,
        high.n as other_n,
        high.share as other_share,
        (low.share + high.share) / 2 as pooled_share,
        abs(low.cumulative_share - high.cumulative_share) as gap
    from distributions as low
    inner join distributions as high
        on concat_ws(chr(31), low.group_key, low.score) = concat_ws(chr(31), high.group_key, high.score)
    where {{ byte_order('low.channel') }} < {{ byte_order('high.channel') }}
),

distances as (
    select
        {{ group_key }},
        channel,
        other_channel,
        sum(n) as responses,
        sum(other_n) as other_responses,
        {{ quotient('sum(n * score)', 'sum(n)') }} as mean_score,
        {{ quotient('sum(other_n * score)', 'sum(other_n)') }} as other_mean_score,
        sum(
            coalesce(share * ln(nullif(share, 0)), 0) / 2
            + coalesce(other_share * ln(nullif(other_share, 0)), 0) / 2
            - coalesce(pooled_share * ln(nullif(pooled_share, 0)), 0)
        ) / ln(2) as jsd,
        max(gap) as kolmogorov_smirnov,
        coalesce(sum(gap * step), 0) as wasserstein_1
    from pairs
    group by {{ group_key }}, channel, other_channel
)

select
    {{ group_key }},
    channel,
    other_channel,
    cast(responses as bigint) as responses,
    cast(other_responses as bigint) as other_responses,
    {{ rounded('mean_score') }} as mean_score,
    {{ rounded('other_mean_score') }} as other_mean_score,
    {{ rounded('greatest(jsd, 0)', 5) }} as jsd,
    {{ rounded('kolmogorov_smirnov') }} as kolmogorov_smirnov,
    {{ rounded('wasserstein_1') }} as wasserstein_1
from distances
