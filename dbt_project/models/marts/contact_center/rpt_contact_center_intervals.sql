with

outcomes as (
    select * from {{ ref('int_call_outcomes') }}
)

select
    brand,
    source,
    queue_id,
    channel,
    interval_start_at,
    min(case when is_interval_complete then 1 else 0 end) = 1 as is_complete,
    {{ sum_contact_center_parts() }},
    {{ var('service_level_threshold_seconds') }} as service_level_threshold_seconds,
    {{ var('short_abandonment_seconds') }} as short_abandonment_seconds
from outcomes
group by brand, source, queue_id, channel, interval_start_at
