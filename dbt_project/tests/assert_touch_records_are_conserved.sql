{{ config(tags=['model']) }}
-- every transaction, call and case is in exactly one touch; every touch of a known person in exactly one episode
with

records as (
    select
        (select count(*) from {{ ref('fct_transactions') }})
        + (select count(*) from {{ ref('fct_calls') }})
        + (select count(*) from {{ ref('fct_cases') }}) as record_count
),

touches as (
    select
        coalesce(sum(record_count), 0) as record_count,
        count(customer_id) as known_touch_count
    from {{ ref('fct_touchpoints') }}
),

episodes as (
    select coalesce(sum(touch_count), 0) as touch_count from {{ ref('fct_episodes') }}
)

select
    records.*,
    touches.*,
    episodes.*
from records
cross join touches
cross join episodes
where
    records.record_count <> touches.record_count
    or touches.known_touch_count <> episodes.touch_count
