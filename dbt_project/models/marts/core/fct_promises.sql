{{ config(
    materialized='by_key',
    key='promise_key',
    changed_by=[
        {'model': 'int_promises'},
        {'due': ['made_at', 'due_at', 'fulfilled_at'], 'through': 'int_promises'},
    ],
    logs=['due_month', 'customer_id', 'business_date'],
    indexes=[{'columns': ['promise_key']}, {'columns': ['customer_id']}, {'columns': ['due_month']}, {'columns': ['business_date']}, {'columns': ['promise_state']}],
) }}
with

promises as (
    select * from {{ ref('int_promises') }}
    {{ where_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

-- what happened after the brand's as_of has not happened yet
seen as (
    select
        promises.*,
        promises.made_at <= horizons.as_of as is_made,
        promises.made_at <= horizons.as_of and promises.due_at <= horizons.as_of as is_due,
        case when promises.fulfilled_at <= horizons.as_of then promises.fulfilled_at end as seen_fulfilled_at
    from promises
    inner join horizons
        on promises.brand = horizons.brand
)

select
    promise_key,
    brand,
    source,
    promise_id,
    customer_id,
    promise_type,
    ref_type,
    ref_key,
    made_at,
    made_by,
    owner_employee_id,
    due_at,
    business_date,
    {{ month_start('business_date') }} as due_month,
    seen_fulfilled_at as fulfilled_at,
    case
        when not is_made then 'unmade'
        when seen_fulfilled_at is null then 'open'
        when seen_fulfilled_at <= due_at then 'kept'
        else 'late'
    end as promise_state,
    is_due,
    case when is_due then coalesce(seen_fulfilled_at <= due_at, false) end as is_kept,
    {{ seconds_between('due_at', 'seen_fulfilled_at') }} as lateness_seconds
from seen
