{{ config(
    materialized='by_key',
    key='update_key',
    changed_by=[{'raw': ['raw_crm', 'crm_contacts'], 'keys': ['contact_id'], 'event': 'created_at'}],
    logs=['own_node'],
    indexes=[{'columns': ['update_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

updates as (
    {{ newest_version(source('raw_crm', 'crm_contacts'), ['contact_id'], event_at='created_at') }}
)

-- the newest version alone, for superseded ones are compacted: a later update hides that there was an earlier one
select
    sources.brand,
    sources.source,
    updates._version_at,
    updates._payload_hash,
    updates.created_at,
    updates.source_updated_at as updated_at,
    sources.source || '/' || updates.contact_id || '/' || cast(updates.source_updated_at as text) as update_key,
    {{ contact_node('sources.source', 'updates.contact_id') }} as own_node
from updates
inner join sources
    on updates._source = sources.source
where updates.source_updated_at is not null
