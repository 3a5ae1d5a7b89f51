{%- set refresh_days, next_days = var('follow_up_refresh_days'), var('follow_up_next_days') -%}
{{ config(
    materialized='by_key', key='case_key', logs=['period_month'],
    changed_by=[
        {'model': 'fct_cases'}, {'model': 'stg_crm__cases'}, {'model': 'int_case_event_counts'},
        {'model': 'stg_crm__preferences', 'logged': 'own_node', 'through': 'stg_crm__cases'},
        {'model': 'stg_crm__contacts', 'logged': 'own_node', 'through': 'stg_crm__cases'},
        {'model': 'fct_touchpoints', 'logged': 'customer_id', 'through': 'fct_cases'},
        {'model': 'fct_calls', 'logged': 'customer_id', 'through': 'fct_cases'},
        {'model': 'fct_cases', 'logged': 'customer_id', 'through': 'fct_cases'},
        {'due': ['closed_at'], 'through': 'fct_cases'}, {'due': ['closed_at'], 'through': 'fct_cases', 'after': refresh_days ~ ' days'},
        {'due': ['closed_at'], 'through': 'fct_cases', 'after': next_days ~ ' days'},
    ],
    indexes=[{'columns': ['case_key']}, {'columns': ['period_month']}],
) }}
with
closed as (
    select
        cases.*,
        staged.own_node,
        {{ month_start(local_date('cases.closed_at', 'staged.timezone')) }} as period_month,
        coalesce(events.first_note_at <= cases.closed_at, false) as has_note,
        {{ add_minutes('cases.closed_at', refresh_days * 24 * 60) }} as refreshed_by,
        {{ add_minutes('cases.closed_at', next_days * 24 * 60) }} as next_by,
        horizons.as_of
    from {{ ref('fct_cases') }} as cases
    inner join {{ ref('int_brand_horizons') }} as horizons
        on cases.brand = horizons.brand and cases.closed_at <= horizons.as_of
    inner join {{ ref('stg_crm__cases') }} as staged on cases.case_key = staged.case_key
    left join {{ ref('int_case_event_counts') }} as events on cases.case_key = events.case_key
    {{ where_changed('cases.case_key') }}
),

-- contacts of the person outside the case's own episode that somebody attended to
attended as (
    select
        closed.case_key,
        row_number() over (
            partition by closed.case_key order by touches.occurred_at, {{ byte_order('touches.touch_key') }}
        ) as place,
        max(cast(calls.record_viewed_at is not null or cases.record_viewed_at is not null as integer)) = 1 as is_viewed,
        sum(calls.reask_count) as reasks
    from closed
    inner join {{ ref('fct_touchpoints') }} as touches
        on
            closed.brand = touches.brand and closed.customer_id = touches.customer_id
            and closed.closed_at < touches.occurred_at and closed.next_by >= touches.occurred_at
            and touches.direction = 'inbound'
    left join {{ ref('fct_calls') }} as calls
        on
            touches.brand = calls.brand and touches.customer_id = calls.customer_id
            and calls.initiated_at between touches.occurred_at and touches.ended_at
            and (touches.ref_key = calls.call_key or touches.case_key = calls.case_key)
    left join {{ ref('fct_cases') }} as cases
        on touches.case_key = cases.case_key and cases.created_at between touches.occurred_at and touches.ended_at
    left join {{ ref('fct_touchpoints') }} as own on closed.case_key = own.case_key and touches.episode_key = own.episode_key
    where own.touch_key is null and (calls.is_answered or cases.first_response_at is not null)
    group by closed.case_key, touches.touch_key, touches.occurred_at
),

-- what was written down of a contact; that it was created is no change
writings as (
    select
        own_node,
        recorded_at as done_at
    from {{ ref('stg_crm__preferences') }}
    union all
    select
        own_node,
        updated_at as done_at
    from {{ ref('stg_crm__contacts') }}
    where updated_at > created_at
),

refreshed as (
    select distinct closed.case_key
    from closed
    inner join writings
        on closed.own_node = writings.own_node and closed.closed_at < writings.done_at and closed.refreshed_by >= writings.done_at
)

select
    closed.case_key,
    closed.brand,
    closed.period_month,
    closed.origin_channel as channel,
    coalesce(closed.issue_code, 'unknown') as issue_code,
    closed.resolution_code,
    closed.resolution_code is not null as has_code,
    closed.has_note,
    case
        when closed.own_node is not null and closed.refreshed_by <= closed.as_of then refreshed.case_key is not null
    end as is_refreshed,
    case
        when closed.customer_id is not null and closed.next_by <= closed.as_of then attended.case_key is not null
    end as has_next,
    case when closed.next_by <= closed.as_of then attended.is_viewed end as is_viewed,
    case when closed.next_by <= closed.as_of then attended.reasks = 0 end as is_not_asked_again
from closed
left join refreshed on closed.case_key = refreshed.case_key
left join attended on closed.case_key = attended.case_key and attended.place = 1
