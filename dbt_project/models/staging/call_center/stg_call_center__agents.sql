{{ config(
    materialized='by_key',
    key='agent_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_agents'], 'keys': ['agent_id']}],
    indexes=[{'columns': ['agent_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

agents as (
    {{ newest_version(source('raw_call_center', 'call_center_agents'), ['agent_id']) }}
)

select
    sources.brand,
    sources.source,
    agents._version_at,
    agents._payload_hash,
    agents.agent_id,
    agents.employee_id,
    agents.team,
    sources.source || '/' || agents.agent_id as agent_key
from agents
inner join sources
    on agents._source = sources.source
