{{ config(
    materialized='by_key',
    key='standard_version_key',
    changed_by=[{'raw': ['raw_crm', 'crm_service_standards'], 'keys': ['standard_code', 'valid_from']}],
    indexes=[{'columns': ['standard_version_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

standards as (
    {{ newest_version(source('raw_crm', 'crm_service_standards'), ['standard_code', 'valid_from']) }}
)

select
    sources.brand,
    sources.source,
    standards._version_at,
    standards._payload_hash,
    standards.standard_code,
    standards.valid_from,
    standards.dimension,
    standards.touchpoint_code,
    standards.channel,
    standards.segment_code,
    standards.metric_code,
    standards.aggregation,
    standards.operator,
    standards.target,
    standards.target_uom,
    standards.min_n,
    standards.service_level,
    standards.owner_employee_id,
    standards.valid_to,
    sources.source || '/' || standards.standard_code || '/' || cast(standards.valid_from as text) as standard_version_key
from standards
inner join sources
    on standards._source = sources.source
