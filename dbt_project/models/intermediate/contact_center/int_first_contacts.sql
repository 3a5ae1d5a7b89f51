{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'fct_touchpoints'},
        {'model': 'fct_calls'},
        {'due': ['occurred_at'], 'through': 'fct_touchpoints'},
        {'due': ['occurred_at', 'ended_at'], 'through': 'fct_touchpoints', 'after': var('first_contact_window_days') ~ ' days'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['period_month']}],
) }}
{%- set window_minutes = var('first_contact_window_days') * 24 * 60 -%}

with

contacts as (
    select * from {{ ref('int_issue_contacts') }}
    {{ where_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

ordered as (
    select
        *,
        {{ add_minutes('ended_at', window_minutes) }} as window_ends_at,
        max(ended_at) over (
            partition by brand, customer_id, issue_code order by occurred_at, touch_key
            rows between unbounded preceding and 1 preceding
        ) as previous_ended_at
    from contacts
),

-- Starts and ends on one time line; a start at the very instant of an end sorts before it: the window opens after.
moments as (
    select
        ordered.*,
        ends.is_end,
        case ends.is_end when 1 then ordered.ended_at else ordered.occurred_at end as moment_at,
        case ends.is_end when 0 then ordered.occurred_at end as started_at
    from ordered
    cross join (select 0 as is_end union all select 1 as is_end) as ends  -- noqa: ST05, LT11
),

followed as (
    select
        *,
        min(started_at) over (
            partition by brand, customer_id, issue_code order by moment_at, is_end, touch_key
            rows between current row and unbounded following
        ) as next_contact_at,
        min(started_at) over (
            partition by brand, customer_id, issue_code, channel order by moment_at, is_end, touch_key
            rows between current row and unbounded following
        ) as next_same_channel_contact_at
    from moments
),

judged as (
    select
        *,
        window_ends_at <= as_of as is_window_closed,
        coalesce(next_contact_at > window_ends_at, true) as is_quiet,
        coalesce(next_same_channel_contact_at > window_ends_at, true) as is_channel_quiet
    from followed
    where is_end = 1 and coalesce({{ add_minutes('previous_ended_at', window_minutes) }} < occurred_at, true)
)

select
    judged.touch_key,
    judged.brand,
    judged.customer_id,
    judged.issue_code,
    judged.channel,
    judged.occurred_at,
    judged.business_date,
    {{ month_start('judged.business_date') }} as period_month,
    judged.window_ends_at,
    judged.is_window_closed,
    case when judged.is_window_closed then judged.is_quiet end as is_without_return,
    case when judged.is_window_closed then judged.is_channel_quiet end as is_without_same_channel_return,
    calls.is_resolved as is_confirmed_resolved
from judged
left join calls
    on judged.call_key = calls.call_key
