{{ config(
    materialized='by_key',
    key='owner_key',
    changed_by=[{'model': 'int_touch_records'}],
    logs=['touch_key', 'customer_id'],
    indexes=[{'columns': ['owner_key']}, {'columns': ['touch_key']}],
) }}
with

records as (
    select * from {{ ref('int_touch_records') }}
    {{ where_changed() }}
),

reaching as (
    select
        records.*,
        max(records.ended_at) over (
            partition by records.owner_key, records.thread_key
            order by records.occurred_at, {{ byte_order('records.record_key') }}
            rows between unbounded preceding and 1 preceding
        ) as thread_ended_at
    from records
),

-- a record nobody can be named for, or outside any thread, is a touch of its own
starting as (
    select
        reaching.*,
        case
            when
                reaching.customer_id is not null
                and reaching.thread_key is not null
                and {{ seconds_between('reaching.thread_ended_at', 'reaching.occurred_at') }}
                <= {{ var('touch_merge_minutes') }} * 60
                then 0
            else 1
        end as starts_touch
    from reaching
),

numbered as (
    select
        starting.*,
        sum(starting.starts_touch) over (
            partition by starting.owner_key, starting.thread_key
            order by starting.occurred_at, {{ byte_order('starting.record_key') }}
            rows between unbounded preceding and current row
        ) as touch_number
    from starting
),

-- the richest record leads; among equals a case tells more than a call, a call more than a sale
led as (
    select
        numbered.*,
        row_number() over (
            partition by numbered.owner_key, numbered.thread_key, numbered.touch_number
            order by
                case when numbered.issue_code is null then 1 else 0 end,
                case numbered.ref_type when 'case' then 1 when 'call' then 2 else 3 end,
                numbered.occurred_at,
                {{ byte_order('numbered.record_key') }}
        ) as lead_rank,
        min(numbered.occurred_at) over touch as touch_started_at,
        max(numbered.ended_at) over touch as touch_ended_at,
        min(numbered.business_date) over touch as touch_business_date,
        max(numbered.case_key) over touch as touch_case_key,
        max(numbered.transaction_key) over touch as touch_transaction_key,
        max(cast(numbered.is_complaint as integer)) over touch as complaints,
        count(*) over touch as record_count
    from numbered
    window touch as (partition by numbered.owner_key, numbered.thread_key, numbered.touch_number)
)

select
    record_key as touch_key,
    brand,
    source,
    owner_key,
    customer_id,
    ref_type,
    ref_key,
    channel,
    direction,
    kind,
    issue_code,
    touchpoint_code,
    journey_stage,
    thread_key,
    touch_started_at as occurred_at,
    touch_ended_at as ended_at,
    touch_business_date as business_date,
    touch_case_key as case_key,
    touch_transaction_key as transaction_key,
    record_count,
    complaints = 1 as is_complaint
from led
where lead_rank = 1
