{{ config(
    materialized='by_key',
    key='holiday_key',
    changed_by=[{'raw': ['raw_pos', 'pos_holidays'], 'keys': ['location_id', 'holiday_date']}],
    logs=['location_key'],
    indexes=[{'columns': ['holiday_key']}, {'columns': ['location_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

holidays as (
    {{ newest_version(source('raw_pos', 'pos_holidays'), ['location_id', 'holiday_date']) }}
)

select
    sources.brand,
    sources.source,
    holidays._version_at,
    holidays._payload_hash,
    sources.source || '/' || holidays.location_id as location_key,
    holidays.holiday_date,
    sources.source || '/' || holidays.location_id || '/' || cast(holidays.holiday_date as text) as holiday_key
from holidays
inner join sources
    on holidays._source = sources.source
