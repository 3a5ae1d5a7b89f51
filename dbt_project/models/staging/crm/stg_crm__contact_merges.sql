{{ config(
    materialized='by_key',
    key='merge_key',
    changed_by=[{'raw': ['raw_crm', 'crm_contact_merges'], 'keys': ['surviving_id', 'merged_id'], 'event': 'merged_at'}],
    logs=['surviving_node', 'merged_node'],
    indexes=[
        {'columns': ['merge_key']}, {'columns': ['surviving_node']}, {'columns': ['merged_node']}, {'columns': ['unmerged_at']},
    ],
) }}
with

sources as (
    {{ build_sources() }}
),

contact_merges as (
    {{ newest_version(source('raw_crm', 'crm_contact_merges'), ['surviving_id', 'merged_id'], event_at='merged_at') }}
)

select
    sources.brand,
    sources.source,
    contact_merges._version_at,
    contact_merges._payload_hash,
    contact_merges.merged_at,
    contact_merges.unmerged_at,
    sources.source || '/' || contact_merges.surviving_id || '/' || contact_merges.merged_id as merge_key,
    {{ contact_node('sources.source', 'contact_merges.surviving_id') }} as surviving_node,
    {{ contact_node('sources.source', 'contact_merges.merged_id') }} as merged_node
from contact_merges
inner join sources
    on contact_merges._source = sources.source
