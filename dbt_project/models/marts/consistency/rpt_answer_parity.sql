{%- set group_key = 'brand, period, issue_code' -%}
with

closed as (
    select
        brand,
        case when grouping(period_month) = 1 then 'all' else {{ month_text('period_month') }} end as period,
        issue_code,
        cast(sum(n) as bigint) as closed_cases,
        cast(sum(case when resolution_code is not null then n else 0 end) as bigint) as coded_cases
    from {{ ref('int_answer_counts') }}
    group by brand, issue_code, grouping sets ((period_month), ())
),

shares as (
    select
        *,
        {{ quotient('n', 'channel_cases') }} as share,
        sum({{ quotient('n', 'channel_cases') }}) over (partition by {{ group_key }}, resolution_code) as share_sum
    from {{ ref('int_answer_mix') }}
    where is_compared
),

permutations as (
    select * from {{ source('estimates', 'answer_permutations') }}
    where build_id = {{ build_id() }}
),

channels as (
    select
        {{ group_key }},
        channel,
        sum(n) as cases,
        {{ channel_information() }} as information
    from shares
    group by {{ group_key }}, channel
),

groups as (
    select
        {{ group_key }},
        count(*) as channel_count,
        sum(cases) as compared_cases,
        min(cases) as fewest_channel_cases,
        sum(information) as information
    from channels
    group by {{ group_key }}
    having count(*) >= 2
),

measures as (
    select
        *,
        {{ divergence('channel_count', 'information') }} as jsd,
        ln(channel_count) / ln(2) as greatest_jsd
    from groups
)

select
    {{ group_key }},
    closed.closed_cases,
    closed.coded_cases,
    {{ share_with_interval('coded_share', 'closed.coded_cases', 'closed.closed_cases') }},
    coalesce(measures.channel_count, 0) as channel_count,
    cast(coalesce(measures.compared_cases, 0) as bigint) as compared_cases,
    cast(measures.fewest_channel_cases as bigint) as fewest_channel_cases,
    {{ rounded('measures.jsd', 5) }} as jsd,
    {{ rounded(consistency('measures.jsd', 'measures.greatest_jsd')) }} as raw_consistency,
    {{ rounded('permutations.mean_permuted_jsd', 5) }} as mean_permuted_jsd,
    {{ rounded(consistency(
        'measures.jsd - permutations.mean_permuted_jsd', 'measures.greatest_jsd'
    )) }} as consistency,
    {{ rounded('permutations.p_value') }} as permutation_p_value,
    permutations.permutations,
    permutations.equal_n,
    {{ rounded(consistency('permutations.equal_n_excess_jsd', 'measures.greatest_jsd')) }} as equal_n_consistency,
    {{ var('channel_min_cases') }} as min_channel_cases
from closed
left join measures using ({{ group_key }})  -- noqa: ST07
left join permutations using ({{ group_key }})  -- noqa: ST07
