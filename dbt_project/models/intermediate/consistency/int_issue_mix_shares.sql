{%- set group_key = 'brand, survey_type, survey_version, period' -%}
with

counts as (
    select * from {{ ref('int_issue_score_counts') }}
    where is_compared
),

weighted as (
    select
        *,
        sum(n) over (partition by {{ group_key }}, channel) as compared_responses,
        {{ quotient('n', 'issue_responses') }} as share_within_issue,
        {{ quotient(
            'sum(n) over (partition by ' ~ group_key ~ ', issue_code)', 'sum(n) over (partition by ' ~ group_key ~ ')'
        ) }} as issue_share
    from counts
)

select
    {{ group_key }},
    channel,
    score,
    cast(sum(n) as bigint) as n,
    {{ quotient('sum(n)', 'max(compared_responses)') }} as share,
    sum(issue_share * share_within_issue) as equal_share
from weighted
group by {{ group_key }}, channel, score
