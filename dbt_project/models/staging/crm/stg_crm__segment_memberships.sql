{{ config(
    materialized='by_key',
    key='membership_key',
    changed_by=[{'raw': ['raw_crm', 'crm_segment_memberships'], 'keys': ['contact_id', 'segment_code', 'valid_from']}],
    logs=['own_node'],
    indexes=[{'columns': ['membership_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

memberships as (
    {{ newest_version(source('raw_crm', 'crm_segment_memberships'), ['contact_id', 'segment_code', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    memberships._version_at,
    memberships._payload_hash,
    sources.timezone,
    memberships.segment_code,
    memberships.valid_from,
    memberships.valid_to,
    memberships.is_target,
    sources.source || '/' || memberships.contact_id || '/' || memberships.segment_code
    || '/' || cast(memberships.valid_from as text) as membership_key,
    {{ contact_node('sources.source', 'memberships.contact_id') }} as own_node
from memberships
inner join sources
    on memberships._source = sources.source
