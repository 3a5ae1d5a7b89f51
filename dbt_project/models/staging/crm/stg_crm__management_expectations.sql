{{ config(
    materialized='by_key',
    key='expectation_key',
    changed_by=[{
        'raw': ['raw_crm', 'crm_management_expectations'], 'keys': ['dimension', 'segment_code', 'recorded_on'],
    }],
    indexes=[{'columns': ['expectation_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

expectations as (
    {{ newest_version(source('raw_crm', 'crm_management_expectations'), ['dimension', 'segment_code', 'recorded_on']) }}
)

select
    sources.brand,
    sources.source,
    expectations._version_at,
    expectations._payload_hash,
    expectations.dimension,
    expectations.segment_code,
    expectations.recorded_on,
    expectations.expected_score,
    expectations.scale_min,
    expectations.scale_max,
    sources.source || '/' || expectations.dimension || '/' || expectations.segment_code
    || '/' || cast(expectations.recorded_on as text) as expectation_key
from expectations
inner join sources
    on expectations._source = sources.source
