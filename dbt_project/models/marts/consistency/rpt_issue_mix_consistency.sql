{%- set group_key = 'brand, survey_type, survey_version, period' -%}
with

support as (
    select
        {{ group_key }},
        sum(n) as named_responses,
        count(distinct case when is_channel_compared then channel end) as channel_count,
        sum(case when is_channel_compared then n else 0 end) as channel_responses,
        count(distinct case when is_compared then issue_code end) as issue_count,
        sum(case when is_compared then n else 0 end) as compared_responses
    from {{ ref('int_issue_score_counts') }}
    group by {{ group_key }}
),

-- what the channels have in common has to be most of what they do
supported as (
    select {{ group_key }} from support
    where compared_responses >= {{ var('issue_mix_min_support') }} * channel_responses
),

permutations as (
    select * from {{ source('estimates', 'mix_permutations') }}
    where build_id = {{ build_id() }} and ({{ group_key }}) in (select {{ group_key }} from supported)
),

shares as (
    select
        *,
        sum(share) over (partition by {{ group_key }}, score) as share_sum,
        sum(equal_share) over (partition by {{ group_key }}, score) as equal_share_sum
    from {{ ref('int_issue_mix_shares') }}
    where ({{ group_key }}) in (select {{ group_key }} from supported)
),

channels as (
    select
        {{ group_key }},
        {{ channel_information() }} as information,
        {{ channel_information('equal_share') }} as equal_information,
        sum(score * share) as mean_score,
        sum(score * equal_share) as equal_mean
    from shares
    group by {{ group_key }}, channel
),

measures as (
    select
        {{ group_key }},
        {{ divergence('count(*)', 'sum(information)') }} as jsd,
        {{ divergence('count(*)', 'sum(equal_information)') }} as equal_jsd,
        ln(count(*)) / ln(2) as greatest_jsd,
        min(mean_score) as lowest_mean,
        max(mean_score) as highest_mean,
        min(equal_mean) as lowest_equal_mean,
        max(equal_mean) as highest_equal_mean
    from channels
    group by {{ group_key }}
)

select
    {{ group_key }},
    responses.responses,
    cast(coalesce(support.named_responses, 0) as bigint) as named_responses,
    coalesce(support.channel_count, 0) as channel_count,
    cast(coalesce(support.channel_responses, 0) as bigint) as channel_responses,
    coalesce(support.issue_count, 0) as issue_count,
    cast(coalesce(support.compared_responses, 0) as bigint) as compared_responses,
    {{ ratio('support.compared_responses', 'support.channel_responses') }} as support_share,
    case
        when coalesce(support.named_responses, 0) = 0 then 'no_issue_named'
        when support.channel_count < 2 then 'too_few_channels'
        when measures.jsd is null then 'issues_not_shared'
    end as uncompared_because,
    {{ rounded('measures.lowest_mean') }} as lowest_channel_mean,
    {{ rounded('measures.highest_mean') }} as highest_channel_mean,
    {{ rounded('measures.jsd', 5) }} as jsd,
    {{ rounded(consistency('measures.jsd', 'measures.greatest_jsd')) }} as raw_consistency,
    {{ rounded('permutations.mean_permuted_jsd', 5) }} as mean_permuted_jsd,
    {{ rounded(consistency('measures.jsd - permutations.mean_permuted_jsd', 'measures.greatest_jsd')) }}
        as consistency,
    {{ rounded('permutations.p_value') }} as permutation_p_value,
    {{ rounded('measures.lowest_equal_mean') }} as lowest_channel_equal_mean,
    {{ rounded('measures.highest_equal_mean') }} as highest_channel_equal_mean,
    {{ rounded('measures.equal_jsd', 5) }} as equal_mix_jsd,
    {{ rounded(consistency('measures.equal_jsd', 'measures.greatest_jsd')) }} as equal_mix_raw_consistency,
    {{ rounded('permutations.mean_standardised_jsd', 5) }} as equal_mix_mean_permuted_jsd,
    {{ rounded(consistency('measures.equal_jsd - permutations.mean_standardised_jsd', 'measures.greatest_jsd')) }}
        as equal_mix_consistency,
    {{ rounded('permutations.standardised_p_value') }} as equal_mix_p_value,
    permutations.permutations,
    {{ var('channel_min_responses') }} as min_channel_responses,
    {{ var('channel_min_issue_responses') }} as min_issue_responses,
    {{ rounded(var('issue_mix_min_support')) }} as min_support_share
from {{ ref('int_survey_response_counts') }} as responses
left join support using ({{ group_key }})  -- noqa: ST07
left join measures using ({{ group_key }})  -- noqa: ST07
left join permutations using ({{ group_key }})  -- noqa: ST07
where responses.journey_stage = 'all' and responses.segment_code = 'all'
