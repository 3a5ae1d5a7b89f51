{{ config(
    materialized='by_key',
    key='improvement_key',
    changed_by=[{'raw': ['raw_crm', 'crm_improvements'], 'keys': ['improvement_id']}],
    logs=['touchpoint_code'],
    indexes=[{'columns': ['improvement_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

improvements as (
    {{ newest_version(source('raw_crm', 'crm_improvements'), ['improvement_id']) }}
)

select
    sources.brand,
    sources.source,
    improvements._version_at,
    improvements._payload_hash,
    improvements.improvement_id,
    improvements.kind,
    improvements.suggestion_id,
    improvements.standard_code,
    improvements.touchpoint_code,
    improvements.location_id,
    improvements.changed_at,
    sources.source || '/' || improvements.improvement_id as improvement_key,
    sources.timezone
from improvements
inner join sources
    on improvements._source = sources.source
