{{ config(
    materialized='by_key',
    key='shift_key',
    changed_by=[{'raw': ['raw_pos', 'pos_shifts'], 'keys': ['shift_id']}],
    indexes=[{'columns': ['shift_key']}, {'columns': ['employee_id']}],
) }}
with

sources as (
    {{ build_sources() }}
),

shifts as (
    {{ newest_version(source('raw_pos', 'pos_shifts'), ['shift_id']) }}
)

select
    sources.brand,
    sources.source,
    shifts._version_at,
    shifts._payload_hash,
    shifts.shift_id,
    shifts.employee_id,
    shifts.location_id,
    shifts.start_at,
    shifts.end_at,
    sources.source || '/' || shifts.shift_id as shift_key
from shifts
inner join sources
    on shifts._source = sources.source
