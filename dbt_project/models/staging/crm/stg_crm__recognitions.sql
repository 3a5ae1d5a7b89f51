{{ config(
    materialized='by_key',
    key='recognition_key',
    changed_by=[{'raw': ['raw_crm', 'crm_recognitions'], 'keys': ['recognition_id'], 'event': 'recognised_at'}],
    indexes=[{'columns': ['recognition_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

recognitions as (
    {{ newest_version(source('raw_crm', 'crm_recognitions'), ['recognition_id'], event_at='recognised_at') }}
)

select
    sources.brand,
    sources.source,
    recognitions._version_at,
    recognitions._payload_hash,
    recognitions.recognition_id,
    recognitions.employee_id,
    recognitions.kind,
    recognitions.standard_code,
    recognitions.recognised_at,
    sources.source || '/' || recognitions.recognition_id as recognition_key,
    sources.timezone
from recognitions
inner join sources
    on recognitions._source = sources.source
