{{ config(
    materialized='by_key',
    key='item_key',
    changed_by=[{'raw': ['raw_pos', 'pos_service_checklists'], 'keys': ['location_id', 'service_date', 'item_code', 'ref_id']}],
    indexes=[{'columns': ['item_key']}, {'columns': ['location_key']}, {'columns': ['location_day']}],
) }}
with

sources as (
    {{ build_sources() }}
),

items as (
    {{ newest_version(source('raw_pos', 'pos_service_checklists'), ['location_id', 'service_date', 'item_code', 'ref_id']) }}
)

select
    sources.brand,
    sources.source,
    items._version_at,
    items._payload_hash,
    items.location_id,
    items.service_date,
    items.item_code,
    nullif(items.ref_id, '*') as ref_id,
    items.ref_type,
    items.kind,
    items.is_required,
    items.done_at,
    sources.source || '/' || items.location_id || '/' || cast(items.service_date as text) || '/' || items.item_code
    || '/' || items.ref_id as item_key,
    sources.source || '/' || items.location_id as location_key,
    -- whose first touch a whole day's item has to come before
    case
        when items.ref_id = '*' then sources.source || '/' || items.location_id || '/' || cast(items.service_date as text)
    end as location_day,
    sources.timezone
from items
inner join sources
    on items._source = sources.source
