{%- set shares = [
    ('coded', 'closed'), ('noted', 'closed'), ('documented', 'closed'), ('refreshed', 'refresh_judged'),
    ('viewed', 'next_contacts'), ('not_asked_again', 'asking_known'),
] -%}
{%- set known = {
    'coded': 'has_codes', 'noted': 'has_notes', 'documented': 'has_codes and has_notes', 'refreshed': 'has_refreshes',
    'viewed': 'has_views', 'not_asked_again': 'true',
} -%}
with

-- what no case of the brand ever shows is not known to be left undone
months as (
    select
        *,
        sum(coded) over (partition by brand) > 0 as has_codes,
        sum(noted) over (partition by brand) > 0 as has_notes,
        sum(refreshed) over (partition by brand) > 0 as has_refreshes,
        sum(viewed) over (partition by brand) > 0 as has_views
    from {{ ref('int_follow_up_months') }}
)

select
    brand,
    period_month,
    channel,
    issue_code,
    closed,
    refresh_judged,
    next_judged,
    next_contacts,
    asking_known,
    {%- for part, whole in shares %}
    case when {{ known[part] }} then {{ part }} end as {{ part }},
    case when {{ known[part] }} then {{ ratio(part, whole) }} end as {{ part }}_share,
    case when {{ known[part] }} then {{ wilson_lower(part, whole) }} end as {{ part }}_share_lower,
    case when {{ known[part] }} then {{ wilson_upper(part, whole) }} end as {{ part }}_share_upper,
    {%- endfor %}
    {{ var('follow_up_refresh_days') }} as refresh_days,
    {{ var('follow_up_next_days') }} as next_days
from months
