{{ config(
    materialized='by_key',
    key='item_key',
    changed_by=[{'raw': ['raw_crm', 'crm_survey_items'], 'keys': ['response_id', 'item_code', 'side']}],
    logs=['response_key'],
    indexes=[{'columns': ['item_key']}, {'columns': ['response_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

items as (
    {{ newest_version(source('raw_crm', 'crm_survey_items'), ['response_id', 'item_code', 'side']) }}
)

select
    sources.brand,
    sources.source,
    items._version_at,
    items._payload_hash,
    items.response_id,
    items.item_code,
    items.side,
    items.dimension,
    items.score,
    sources.source || '/' || items.response_id || '/' || items.item_code || '/' || items.side as item_key,
    sources.source || '/' || items.response_id as response_key
from items
inner join sources
    on items._source = sources.source
