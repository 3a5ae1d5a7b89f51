{{ config(
    materialized='by_key',
    key='interval_start_at',
    key_type='timestamp with time zone',
    changed_by=[
        {'model': 'int_agent_presence', 'logged': 'interval_start_at'},
        {'due': ['interval_start_at'], 'through': 'int_agent_presence'},
        {'due': ['interval_start_at'], 'through': 'this', 'after': '30 minutes'},
    ],
    indexes=[{'columns': ['interval_start_at']}],
) }}
with

presence as (
    select * from {{ ref('int_agent_presence') }}
    {{ where_changed() }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

summed as (
    select
        presence.brand,
        presence.source,
        presence.agent_id,
        presence.interval_start_at,
        {{ add_minutes('presence.interval_start_at', 30) }} <= horizons.as_of as is_complete,
        {%- for activity in ('handling', 'idle', 'unsorted', 'away') %}
        sum(case when presence.activity = '{{ activity }}' then presence.seconds else 0 end) as {{ activity }}_seconds,
        {%- endfor %}
        -- nobody is rostered for more than the half hour, however the shifts overlap
        least(1800, sum(case when presence.activity = 'rostered' then presence.seconds else 0 end)) as rostered_seconds,
        sum(presence.set_aside) as set_aside
    from presence
    inner join horizons
        on presence.brand = horizons.brand
    where presence.interval_start_at <= horizons.as_of
    group by presence.brand, presence.source, presence.agent_id, presence.interval_start_at, horizons.as_of
)

select
    brand,
    source,
    agent_id,
    interval_start_at,
    is_complete,
    cast(handling_seconds as bigint) as handling_seconds,
    cast(idle_seconds as bigint) as idle_seconds,
    cast(unsorted_seconds as bigint) as unsorted_seconds,
    cast(away_seconds as bigint) as away_seconds,
    cast(handling_seconds + idle_seconds + unsorted_seconds as bigint) as present_seconds,
    cast(rostered_seconds as bigint) as rostered_seconds,
    cast(greatest(0, rostered_seconds - handling_seconds - idle_seconds - unsorted_seconds - away_seconds) as bigint)
        as missing_seconds,
    cast(set_aside as bigint) as stretches_set_aside,
    {{ var('agent_state_max_hours') }} as agent_state_max_hours
from summed
