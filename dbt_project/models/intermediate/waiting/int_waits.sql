{{ config(
    materialized='by_key',
    key='call_key',
    changed_by=[
        {'model': 'fct_calls'},
        {'model': 'stg_call_center__contacts', 'logged': 'call_key'},
        {'model': 'stg_call_center__wait_notices', 'logged': 'leg_key', 'through': 'stg_call_center__contacts', 'on': 'leg_key'},
        {'model': 'stg_call_center__callbacks', 'logged': 'leg_key', 'through': 'stg_call_center__contacts', 'on': 'leg_key'},
        {'due': ['initiated_at'], 'through': 'fct_calls'},
        {'due': ['callback_promised_to'], 'through': 'this'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['call_key']}, {'columns': ['period_month']}, {'columns': ['callback_promised_to']}],
) }}
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
    select * from {{ ref('stg_call_center__callbacks') }}
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
        notices.notice_key,
        notices.kind,
        notices.quoted_seconds,
        notices.is_accepted,
        {{ seconds_between('waits.enqueued_at', 'notices.notified_at') }} as told_after_seconds
    from waits
    inner join legs
        on waits.call_key = legs.call_key
    inner join notices
        on legs.leg_key = notices.leg_key
    where
        notices.notified_at >= waits.enqueued_at
        and notices.notified_at <= coalesce(waits.connected_at, waits.ended_at)
),

told_once as (
    select
        call_key,
        min(case when kind in ('estimated_wait', 'position') then told_after_seconds end) as told_after_seconds,
        {{ first_known(
            "case when kind = 'estimated_wait' and quoted_seconds is not null then told_after_seconds + quoted_seconds end",
            'told_after_seconds, ' ~ byte_order('notice_key')
        ) }} as quoted_wait_seconds,
        max(case when kind = 'callback_offer' then 1 else 0 end) = 1 as is_callback_offered,
        max(case when kind = 'callback_offer' and is_accepted then 1 else 0 end) = 1 as is_callback_accepted
    from told
    group by call_key
),

called_back as (
    select
        legs.call_key,
        min(callbacks.promised_to) as callback_promised_to,
        min(callbacks.connected_at) as callback_connected_at
    from legs
    inner join callbacks
        on legs.leg_key = callbacks.leg_key
    group by legs.call_key
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
    told_once.told_after_seconds,
    told_once.quoted_wait_seconds,
    coalesce(told_once.is_callback_offered, false) as is_callback_offered,
    coalesce(told_once.is_callback_accepted, false) as is_callback_accepted,
    called_back.callback_promised_to,
    case
        when called_back.callback_promised_to <= waits.as_of
            then coalesce(called_back.callback_connected_at <= called_back.callback_promised_to, false)
    end as is_callback_kept
from waits
left join told_once
    on waits.call_key = told_once.call_key
left join called_back
    on waits.call_key = called_back.call_key
