{{ config(
    materialized='by_key',
    key='transaction_line_key',
    changed_by=[{'raw': ['raw_pos', 'pos_transaction_lines'], 'keys': ['transaction_id', 'line_no']}],
    logs=['transaction_key'],
    indexes=[{'columns': ['transaction_line_key']}, {'columns': ['transaction_key']}, {'columns': ['product_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

lines as (
    {{ newest_version(source('raw_pos', 'pos_transaction_lines'), ['transaction_id', 'line_no']) }}
)

select
    sources.brand,
    sources.source,
    lines._version_at,
    lines._payload_hash,
    lines.line_no,
    lines.product_id,
    lines.quantity,
    lines.unit_price,
    lines.discount,
    lines.net_amount,
    lines.return_reason,
    sources.source || '/' || lines.product_id as product_key,
    sources.source || '/' || lines.transaction_id as transaction_key,
    sources.source || '/' || lines.transaction_id || '/' || cast(lines.line_no as text) as transaction_line_key
from lines
inner join sources
    on lines._source = sources.source
