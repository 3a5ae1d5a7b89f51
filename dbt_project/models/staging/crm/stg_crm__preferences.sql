{{ config(
    materialized='by_key',
    key='preference_key',
    changed_by=[{'raw': ['raw_crm', 'crm_preferences'], 'keys': ['contact_id', 'code'], 'event': 'recorded_at'}],
    logs=['own_node'],
    indexes=[{'columns': ['preference_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

preferences as (
    {{ newest_version(source('raw_crm', 'crm_preferences'), ['contact_id', 'code'], event_at='recorded_at') }}
)

-- the newest recording alone, for superseded ones are compacted: a later one hides that there was an earlier
select
    sources.brand,
    sources.source,
    preferences._version_at,
    preferences._payload_hash,
    preferences.code,
    preferences.origin,
    preferences.recorded_at,
    sources.source || '/' || preferences.contact_id || '/' || preferences.code as preference_key,
    {{ contact_node('sources.source', 'preferences.contact_id') }} as own_node
from preferences
inner join sources
    on preferences._source = sources.source
