{{ config(
    materialized='by_key',
    key='interval_start_at',
    key_type='timestamp with time zone',
    changed_by=[{'model': 'rpt_contact_center_intervals'}, {'model': 'rpt_agent_intervals'}],
    indexes=[{'columns': ['interval_start_at']}],
) }}
{%- set is_there = 'present_seconds + away_seconds > 0' -%}
with

demand as (
    select
        brand,
        source,
        interval_start_at,
        min(case when is_complete then 1 else 0 end) as is_complete,
        sum(offered) as offered,
        sum(answered) as answered,
        sum(answered_within_threshold) as answered_within_threshold,
        sum(abandoned_in_queue) as abandoned_in_queue,
        sum(answered_queue_seconds) as answered_queue_seconds,
        sum(handled) as handled,
        sum(handle_seconds) as handle_seconds
    from {{ ref('rpt_contact_center_intervals') }}
    {{ where_changed() }}
    group by brand, source, interval_start_at
),

staff as (
    select
        brand,
        source,
        interval_start_at,
        min(case when is_complete then 1 else 0 end) as is_complete,
        sum(case when {{ is_there }} then 1 else 0 end) as agents_signed_in,
        sum(case when present_seconds > 0 then 1 else 0 end) as agents_present,
        sum(handling_seconds) as handling_seconds,
        sum(idle_seconds) as idle_seconds,
        -- an agent in two states at once is still one agent
        sum(least(present_seconds, 1800)) as present_seconds,
        sum(away_seconds) as away_seconds,
        sum(case when rostered_seconds > 0 then 1 else 0 end) as agents_rostered,
        sum(rostered_seconds) as rostered_seconds,
        sum(missing_seconds) as missing_seconds
    from {{ ref('rpt_agent_intervals') }}
    {{ where_changed() }}
    group by brand, source, interval_start_at
),

-- a half hour without a contact is one with 0; staff that nobody recorded is not known to be 0
joined as (
    select
        coalesce(demand.brand, staff.brand) as brand,
        coalesce(demand.source, staff.source) as source,
        coalesce(demand.interval_start_at, staff.interval_start_at) as interval_start_at,
        least(demand.is_complete, staff.is_complete) = 1 as is_complete,
        {%- for part in (
            'offered', 'answered', 'answered_within_threshold', 'abandoned_in_queue', 'answered_queue_seconds', 'handled',
            'handle_seconds'
        ) %}
        cast(coalesce(demand.{{ part }}, 0) as bigint) as {{ part }},
        {%- endfor %}
        {%- for part in (
            'agents_present', 'present_seconds', 'handling_seconds', 'idle_seconds', 'away_seconds', 'missing_seconds'
        ) %}
        cast(case when staff.agents_signed_in > 0 then staff.{{ part }} end as bigint) as {{ part }},
        {%- endfor %}
        cast(nullif(staff.agents_rostered, 0) as bigint) as agents_rostered,
        cast(nullif(staff.rostered_seconds, 0) as bigint) as rostered_seconds
    from demand
    full join staff
        on
            demand.brand = staff.brand
            and demand.source = staff.source
            and demand.interval_start_at = staff.interval_start_at
)

select
    *,
    {{ rounded(quotient('present_seconds', 1800)) }} as staff_present,
    {{ published(quotient('handling_seconds', 'handling_seconds + idle_seconds'), 'agents_present') }} as occupancy,
    {{ ratio('answered_queue_seconds', 'answered') }} as average_speed_of_answer_seconds,
    {{ ratio('abandoned_in_queue', 'offered') }} as abandonment_share,
    {{ wilson_lower('abandoned_in_queue', 'offered') }} as abandonment_share_lower,
    {{ wilson_upper('abandoned_in_queue', 'offered') }} as abandonment_share_upper,
    {{ var('service_level_threshold_seconds') }} as service_level_threshold_seconds
from joined
