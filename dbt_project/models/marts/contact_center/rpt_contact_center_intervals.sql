{{ config(
    materialized='by_key',
    key='interval_start_at',
    key_type='timestamp with time zone',
    changed_by=[
        {'model': 'fct_calls'},
        {'due': ['initiated_at'], 'through': 'fct_calls'},
        {'due': ['interval_start_at'], 'through': 'this', 'after': '30 minutes'},
    ],
    indexes=[{'columns': ['interval_start_at']}],
) }}
with

outcomes as (
    select * from {{ ref('int_call_outcomes') }}
    {{ where_changed() }}
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
