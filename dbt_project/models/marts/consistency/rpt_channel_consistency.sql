{%- set group_key = 'brand, survey_type, survey_version, period, journey_stage, segment_code' -%}

with

shares as (
    select
        *,
        {{ quotient('n', 'channel_responses') }} as share,
        sum({{ quotient('n', 'channel_responses') }}) over (partition by {{ group_key }}, score) as share_sum
    from {{ ref('int_channel_score_counts') }}
    where is_compared
),

response_counts as (
    select * from {{ ref('int_survey_response_counts') }}
),

permutations as (
    select * from {{ source('estimates', 'channel_permutations') }}
    where build_id = {{ build_id() }}
),

channels as (
    select
        {{ group_key }},
        channel,
        sum(n) as responses,
        sum(n * score) as score_sum,
        sum(n * score * score) as square_sum,
        {{ channel_information() }} as information
    from shares
    group by {{ group_key }}, channel
),

moments as (
    select
        {{ group_key }},
        count(*) as channel_count,
        sum(responses) as compared_responses,
        sum(score_sum) as score_sum,
        sum(square_sum) as square_sum,
        sum({{ quotient('score_sum * score_sum', 'responses') }}) as channel_square_sum,
        sum(responses * responses) as squared_responses,
        sum(information) as information,
        min({{ quotient('score_sum', 'responses') }}) as lowest_channel_mean,
        max({{ quotient('score_sum', 'responses') }}) as highest_channel_mean
    from channels
    group by {{ group_key }}
),

measures as (
    select
        *,
        {{ divergence('channel_count', 'information') }} as jsd,
        ln(channel_count) / ln(2) as greatest_jsd,
        {{ quotient('score_sum', 'compared_responses') }} as mean_score,
        {{ rounded('square_sum - channel_square_sum', 6) }} as within_squares,
        {{ rounded('channel_square_sum - score_sum * ' ~ quotient('score_sum', 'compared_responses'), 6) }} as between_squares,
        {{ quotient('compared_responses - ' ~ quotient('squared_responses', 'compared_responses'), '(channel_count - 1)') }}
            as channel_size
    from moments
    where channel_count >= 2
),

variances as (
    select
        *,
        {{ quotient('between_squares', 'channel_count - 1') }} as between_variance,
        {{ quotient('within_squares', 'compared_responses - channel_count') }} as within_variance
    from measures
)

select
    {{ group_key }},
    response_counts.surveys,
    response_counts.responses,
    {{ ratio('response_counts.responses', 'response_counts.surveys') }} as response_share,
    coalesce(variances.channel_count, 0) as channel_count,
    cast(coalesce(variances.compared_responses, 0) as bigint) as compared_responses,
    {{ rounded('mean_score') }} as mean_score,
    {{ rounded('lowest_channel_mean') }} as lowest_channel_mean,
    {{ rounded('highest_channel_mean') }} as highest_channel_mean,
    {{ rounded(quotient('between_squares', 'between_squares + within_squares')) }} as eta_squared,
    {{ rounded(quotient('between_variance', 'within_variance')) }} as f_statistic,
    {{ rounded(quotient(
        'between_variance - within_variance', 'between_variance + (channel_size - 1) * within_variance'
    )) }} as intraclass_correlation,
    {{ rounded('jsd', 5) }} as jsd,
    {{ rounded('jsd / greatest_jsd', 5) }} as normalised_jsd,
    {{ rounded(consistency('jsd', 'greatest_jsd')) }} as raw_consistency,
    {{ rounded('permutations.mean_permuted_jsd', 5) }} as mean_permuted_jsd,
    {{ rounded(consistency('jsd - permutations.mean_permuted_jsd', 'greatest_jsd')) }} as consistency,
    {{ rounded('permutations.p_value') }} as permutation_p_value,
    permutations.permutations,
    permutations.equal_n,
    {{ rounded(consistency('permutations.equal_n_excess_jsd', 'variances.greatest_jsd')) }} as equal_n_consistency,
    {{ var('channel_min_responses', 50) }} as min_channel_responses
from response_counts
left join variances using ({{ group_key }})  -- noqa: ST07
left join permutations using ({{ group_key }})  -- noqa: ST07
