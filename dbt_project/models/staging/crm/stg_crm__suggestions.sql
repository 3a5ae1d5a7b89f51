{{ config(
    materialized='by_key',
    key='suggestion_key',
    changed_by=[{'raw': ['raw_crm', 'crm_suggestions'], 'keys': ['suggestion_id'], 'event': 'submitted_at'}],
    indexes=[{'columns': ['suggestion_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

suggestions as (
    {{ newest_version(source('raw_crm', 'crm_suggestions'), ['suggestion_id'], event_at='submitted_at') }}
)

select
    sources.brand,
    sources.source,
    suggestions._version_at,
    suggestions._payload_hash,
    suggestions.suggestion_id,
    suggestions.employee_id,
    suggestions.channel,
    suggestions.submitted_at,
    suggestions.topic,
    suggestions.adopted_at,
    sources.source || '/' || suggestions.suggestion_id as suggestion_key,
    {{ contact_node('sources.source', 'suggestions.contact_id') }} as own_node
from suggestions
inner join sources
    on suggestions._source = sources.source
