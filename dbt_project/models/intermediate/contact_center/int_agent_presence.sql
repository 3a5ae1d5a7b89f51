{{ config(
    materialized='by_key',
    key='presence_key',
    changed_by=[
        {'model': 'stg_call_center__agent_states', 'logged': 'state_key'},
        {'model': 'stg_pos__shifts', 'logged': 'shift_key'},
        {'model': 'stg_call_center__agents', 'logged': 'employee_id', 'through': 'stg_pos__shifts', 'on': 'employee_id', 'key': 'shift_key'},
    ],
    logs=['interval_start_at'],
    indexes=[{'columns': ['presence_key']}, {'columns': ['interval_start_at']}],
) }}
{%- set piece_begins = seconds_between('interval_start_at', 'greatest(start_at, interval_start_at)') -%}
{%- set piece_ends = seconds_between('interval_start_at', 'least(end_at, ' ~ add_minutes('interval_start_at', 30) ~ ')') -%}
with

states as (
    select * from {{ ref('stg_call_center__agent_states') }}
    {{ where_changed('state_key') }}
),

shifts as (
    select * from {{ ref('stg_pos__shifts') }}
    {{ where_changed('shift_key') }}
),

-- a row of the seed for one source beats the row for all sources ('*')
told as (
    select
        states.state_key as presence_key,
        states.brand,
        states.source,
        states.agent_id,
        states.start_at,
        states.end_at,
        coalesce(
            own_map.activity, common_map.activity, case when states.is_productive then 'unsorted' else 'away' end
        ) as activity
    from states
    left join {{ ref('agent_state_map') }} as own_map
        on states.source = own_map.source and states.state = own_map.state
    left join {{ ref('agent_state_map') }} as common_map
        on common_map.source = '*' and states.state = common_map.state
),

-- the roster names employees: of the agents of a feed who name the same one, the first is meant
rostered as (
    select
        shifts.shift_key as presence_key,
        agents.brand,
        agents.source,
        min({{ byte_order('agents.agent_id') }}) as agent_id,
        shifts.start_at,
        shifts.end_at,
        'rostered' as activity
    from shifts
    inner join {{ ref('int_brand_sources') }} as brand_sources
        on shifts.source = brand_sources.pos_source
    inner join {{ ref('stg_call_center__agents') }} as agents
        on brand_sources.brand = agents.brand and shifts.employee_id = agents.employee_id
    group by shifts.shift_key, agents.brand, agents.source, shifts.start_at, shifts.end_at
),

judged as (
    select
        stretches.*,
        stretches.end_at >= stretches.start_at
        and stretches.end_at <= {{ add_minutes('stretches.start_at', var('agent_state_max_hours') * 60) }} as is_usable
    from (
        select * from told
        where activity <> 'signed_out'
        union all
        select * from rostered
    ) as stretches
),

pieces as (
    select
        judged.*,
        {{ interval_series(
            interval_start('judged.start_at', 30),
            interval_start('case when judged.is_usable then judged.end_at else judged.start_at end', 30),
            30
        ) }} as interval_start_at
    from judged
)

select
    presence_key,
    brand,
    source,
    agent_id,
    activity,
    interval_start_at,
    case when is_usable then {{ piece_ends }} - {{ piece_begins }} else 0 end as seconds,
    case when is_usable then 0 else 1 end as set_aside
from pieces
where not is_usable or {{ piece_ends }} > {{ piece_begins }}
