{{ config(
    materialized='by_key',
    key='state_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_agent_states'], 'keys': ['agent_id', 'start_at'], 'event': 'start_at'}],
    indexes=[{'columns': ['state_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

states as (
    {{ newest_version(
        source('raw_call_center', 'call_center_agent_states'), ['agent_id', 'start_at'], event_at='start_at'
    ) }}
)

select
    sources.brand,
    sources.source,
    states._version_at,
    states._payload_hash,
    states.agent_id,
    states.state,
    states.is_productive,
    states.start_at,
    states.end_at,
    sources.source || '/' || states.agent_id || '/' || cast(states.start_at as text) as state_key
from states
inner join sources
    on states._source = sources.source
