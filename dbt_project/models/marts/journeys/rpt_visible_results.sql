{%- set shares = {
    'reviewed': 'judged', 'commented': 'judged', 'with_media': 'judged', 'messaged_cases': 'closed_cases',
} -%}
with

-- what no episode of the brand ever shows is not known to have been absent
months as (
    select
        *,
        sum(reviewed) over (partition by brand) > 0 as has_reviewed,
        sum(commented) over (partition by brand) > 0 as has_commented,
        sum(with_media) over (partition by brand) > 0 as has_with_media,
        sum(messaged_cases) over (partition by brand) > 0 as has_messaged_cases
    from {{ ref('int_result_months') }}
)

select
    brand,
    period_month,
    channel,
    episodes,
    judged,
    closed_cases,
    {%- for part, whole in shares.items() %}
    {%- set name = 'message' if part == 'messaged_cases' else part %}
    case when has_{{ part }} then {{ part }} end as {{ part }},
    case when has_{{ part }} then {{ ratio(part, whole) }} end as {{ name }}_share,
    case when has_{{ part }} then {{ wilson_lower(part, whole) }} end as {{ name }}_share_lower,
    case when has_{{ part }} then {{ wilson_upper(part, whole) }} end as {{ name }}_share_upper,
    {%- endfor %}
    {{ var('word_of_mouth_days') }} as word_of_mouth_days
from months
