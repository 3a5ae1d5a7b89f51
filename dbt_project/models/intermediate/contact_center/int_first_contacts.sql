{%- set window_hours = var('first_contact_window_days') * 24 -%}

with

touchpoints as (
    select * from {{ ref('fct_touchpoints') }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

contacts as (
    select
        touchpoints.touch_key,
        touchpoints.brand,
        touchpoints.customer_id,
        touchpoints.issue_code,
        coalesce(touchpoints.channel, 'unknown') as channel,
        touchpoints.occurred_at,
        greatest(touchpoints.occurred_at, coalesce(touchpoints.ended_at, touchpoints.occurred_at)) as ended_at,
        touchpoints.business_date,
        case when touchpoints.ref_type = 'call' then touchpoints.ref_key end as call_key,
        horizons.as_of
    from touchpoints
    inner join horizons on touchpoints.brand = horizons.brand
    where
        touchpoints.ref_type in ('call', 'case')
        and touchpoints.direction = 'inbound'
        and touchpoints.customer_id is not null
        and touchpoints.issue_code is not null
        and touchpoints.occurred_at <= horizons.as_of
),

ordered as (
    select
        *,
        max(ended_at) over (
            partition by brand, customer_id, issue_code order by occurred_at, touch_key
            rows between unbounded preceding and 1 preceding
        ) as previous_ended_at
    from contacts
),

-- Starts and ends on one time line; a start at the very instant of an end sorts before it: the window opens after.
moments as (
    select ordered.*, occurred_at as moment_at, occurred_at as started_at, 0 as is_end from ordered
    union all
    select ordered.*, ended_at as moment_at, null as started_at, 1 as is_end from ordered
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

first_contacts as (
    select
        *,
        {{ dbt.dateadd('hour', window_hours, 'ended_at') }} as window_ends_at
    from followed
    where
        is_end = 1
        and (
            previous_ended_at is null
            or {{ dbt.dateadd('hour', window_hours, 'previous_ended_at') }} < occurred_at
        )
)

select
    first_contacts.touch_key,
    first_contacts.brand,
    first_contacts.customer_id,
    first_contacts.issue_code,
    first_contacts.channel,
    first_contacts.occurred_at,
    first_contacts.business_date,
    {{ month_start('first_contacts.business_date') }} as period_month,
    first_contacts.window_ends_at,
    window_ends_at <= as_of as is_window_closed,
    case when window_ends_at <= as_of then coalesce(next_contact_at > window_ends_at, true) end as is_without_return,
    case
        when window_ends_at <= as_of then coalesce(next_same_channel_contact_at > window_ends_at, true)
    end as is_without_same_channel_return,
    calls.is_resolved as is_confirmed_resolved
from first_contacts
left join calls on first_contacts.call_key = calls.call_key
