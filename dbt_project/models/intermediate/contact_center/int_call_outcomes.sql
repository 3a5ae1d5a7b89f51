{{ config(materialized='view') }}
{%- set threshold = var('service_level_threshold_seconds') -%}

-- no `with`: Postgres looks up single keys through a view only if it can take the view apart
select
    call_key,
    brand,
    source,
    customer_id,
    queue_id,
    channel,
    business_date,
    interval_start_at,
    business_date < as_of_date as is_day_complete,
    {{ add_minutes('interval_start_at', 30) }} <= as_of as is_interval_complete,
    1 as contacts,
    case when is_answered or is_abandoned_in_queue then 1 else 0 end as offered,
    case when is_answered then 1 else 0 end as answered,
    case when is_answered and wait_seconds <= {{ threshold }} then 1 else 0 end as answered_within_threshold,
    case when is_abandoned then 1 else 0 end as abandoned_calls,
    case when is_abandoned_in_queue then 1 else 0 end as abandoned_in_queue,
    case when is_abandoned and not is_abandoned_in_queue then 1 else 0 end as abandoned_in_self_service,
    case
        when is_abandoned_in_queue and wait_seconds <= {{ threshold }} then 1 else 0
    end as abandoned_within_threshold,
    case when is_abandoned_in_queue and is_short_abandonment then 1 else 0 end as short_abandoned,
    case when is_answered then wait_seconds else 0 end as answered_queue_seconds,
    case when is_handle_time_known then 1 else 0 end as handled,
    case when is_handle_time_known then interaction_seconds else 0 end as interaction_seconds,
    case when is_handle_time_known then coalesce(hold_seconds, 0) else 0 end as hold_seconds,
    case
        when is_handle_time_known then coalesce(after_contact_work_seconds, 0) else 0
    end as after_contact_work_seconds,
    case
        when is_handle_time_known
            then interaction_seconds + coalesce(hold_seconds, 0) + coalesce(after_contact_work_seconds, 0)
        else 0
    end as handle_seconds
from (
    select
        calls.*,
        horizons.as_of,
        horizons.as_of_date,
        coalesce(calls.queue_seconds, 0) as wait_seconds,
        calls.is_abandoned and calls.abandonment_stage = 'queue' as is_abandoned_in_queue,
        calls.is_answered and calls.interaction_seconds is not null as is_handle_time_known
    from {{ ref('fct_calls') }} as calls
    inner join {{ ref('int_brand_horizons') }} as horizons
        on calls.brand = horizons.brand
    where calls.direction = 'inbound' and calls.initiated_at <= horizons.as_of
) as inbound  -- noqa: ST05
