{{ config(
    materialized='by_key',
    key='episode_key',
    changed_by=[
        {'model': 'fct_episodes'},
        {'model': 'fct_touchpoints'},
        {'model': 'fct_calls', 'logged': 'customer_id', 'through': 'fct_touchpoints'},
    ],
    logs=['period_month'],
    indexes=[{'columns': ['episode_key']}, {'columns': ['period_month']}],
) }}
with

episodes as (
    select * from {{ ref('fct_episodes') }}
    {{ where_changed() }}
),

touches as (
    select
        *,
        lag(channel) over (
            partition by episode_key order by occurred_at, {{ byte_order('touch_key') }}
        ) as previous_channel
    from {{ ref('fct_touchpoints') }}
    where episode_key is not null {{ and_changed() }}
),

calls as (
    select * from {{ ref('fct_calls') }}
),

switches as (
    select
        episode_key,
        sum(case when channel <> previous_channel then 1 else 0 end) as channel_switches,
        min(business_date) as started_on
    from touches
    group by episode_key
),

-- a touch may be several records: its calls are those of its person and thread that fall into its time
call_episodes as (
    select
        calls.call_key,
        calls.queue_seconds,
        calls.hold_seconds,
        calls.transfer_count,
        calls.reask_count,
        min(touches.episode_key) as episode_key
    from touches
    inner join calls
        on
            touches.brand = calls.brand
            and touches.customer_id = calls.customer_id
            and calls.initiated_at between touches.occurred_at and touches.ended_at
            and (
                touches.ref_key = calls.call_key
                or touches.case_key = calls.case_key
                or touches.transaction_key = calls.transaction_key
            )
    group by calls.call_key, calls.queue_seconds, calls.hold_seconds, calls.transfer_count, calls.reask_count
),

spoken as (
    select
        episode_key,
        cast(sum(coalesce(queue_seconds, 0) + coalesce(hold_seconds, 0)) as bigint) as waiting_seconds,
        cast(sum(transfer_count) as bigint) as transfers,
        cast(sum(reask_count) as bigint) as reasks
    from call_episodes
    group by episode_key
)

-- an episode without a call has no wait, transfer or question that anybody recorded
select
    episodes.episode_key,
    episodes.brand,
    episodes.customer_id,
    episodes.issue_code,
    {{ month_start('switches.started_on') }} as period_month,
    episodes.is_open,
    cast(episodes.touch_count as bigint) as touches,
    cast(switches.channel_switches as bigint) as channel_switches,
    spoken.waiting_seconds,
    spoken.transfers,
    spoken.reasks
from episodes
inner join switches
    on episodes.episode_key = switches.episode_key
left join spoken
    on episodes.episode_key = spoken.episode_key
