{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[
        {'model': 'fct_calls'},
        {'model': 'stg_call_center__contacts', 'logged': 'call_key'},
        {'model': 'stg_call_center__wait_notices', 'logged': 'leg_key', 'through': 'stg_call_center__contacts', 'on': 'leg_key'},
        {'model': 'int_callbacks'},
        {'due': ['initiated_at'], 'through': 'fct_calls'},
        {'due': ['promised_to'], 'through': 'int_callbacks'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['call_key']}, {'columns': ['period_month']}],
) }}
{%- set told_after = seconds_between('waits.enqueued_at', 'notices.notified_at') -%}
with

calls as (
    select * from {{ ref('fct_calls') }}
    {{ where_changed() }}
),

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
    {{ where_changed() }}
),

notices as (
    select * from {{ ref('stg_call_center__wait_notices') }}
),

callbacks as (
    select * from {{ ref('int_callbacks') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- the wait until somebody first takes the call or the caller is gone; waits after a transfer are not its subject
waits as (
    select
        calls.*,
        horizons.as_of,
        greatest(0, {{ seconds_between('calls.enqueued_at', 'coalesce(calls.connected_at, calls.ended_at)') }}) as wait_seconds
    from calls
    inner join horizons
        on calls.brand = horizons.brand
    where
        calls.direction = 'inbound'
        and calls.enqueued_at is not null
        and (calls.is_answered or calls.is_abandoned)
        and calls.initiated_at <= horizons.as_of
),

told as (
    select
        waits.call_key,
        min(case when notices.kind in ('estimated_wait', 'position') then {{ told_after }} end) as told_after_seconds,
        {{ first_known(
            "case when notices.kind = 'estimated_wait' then " ~ told_after ~ " + notices.quoted_seconds end",
            'notices.notified_at, ' ~ byte_order('notices.notice_key')
        ) }} as quoted_wait_seconds,
        max(case when notices.kind = 'callback_offer' then 1 else 0 end) = 1 as is_callback_offered,
        max(case when notices.kind = 'callback_offer' and notices.is_accepted then 1 else 0 end) = 1 as is_callback_accepted
    from waits
    inner join legs
        on waits.call_key = legs.call_key
    inner join notices
        on legs.leg_key = notices.leg_key
    where notices.notified_at between waits.enqueued_at and coalesce(waits.connected_at, waits.ended_at)
    group by waits.call_key
)

-- a promised callback is judged once its window is over
select
    waits.call_key,
    waits.brand,
    waits.source,
    waits.queue_id,
    waits.business_date,
    {{ month_start('waits.business_date') }} as period_month,
    waits.wait_seconds,
    waits.is_answered,
    told.told_after_seconds,
    told.quoted_wait_seconds,
    coalesce(told.is_callback_offered, false) as is_callback_offered,
    coalesce(told.is_callback_accepted, false) as is_callback_accepted,
    callbacks.promised_to as callback_promised_to,
    case
        when callbacks.promised_to <= waits.as_of then coalesce(callbacks.connected_at <= callbacks.promised_to, false)
    end as is_callback_kept
from waits
left join told
    on waits.call_key = told.call_key
left join callbacks
    on waits.call_key = callbacks.call_key
