{{ config(
    materialized='by_key',
    key='commitment_key',
    changed_by=[{'raw': ['raw_crm', 'crm_commitments'], 'keys': ['contact_id', 'kind', 'valid_from']}],
    indexes=[{'columns': ['commitment_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

commitments as (
    {{ newest_version(source('raw_crm', 'crm_commitments'), ['contact_id', 'kind', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    commitments._version_at,
    commitments._payload_hash,
    commitments.kind,
    commitments.valid_from,
    commitments.valid_to,
    sources.source || '/' || commitments.contact_id || '/' || commitments.kind
    || '/' || cast(commitments.valid_from as text) as commitment_key,
    {{ contact_node('sources.source', 'commitments.contact_id') }} as own_node
from commitments
inner join sources
    on commitments._source = sources.source
