{{ config(
    materialized='by_key',
    key='use_key',
    changed_by=[{'raw': ['raw_crm', 'crm_preference_uses'], 'keys': ['contact_id', 'code', 'used_at'], 'event': 'used_at'}],
    indexes=[{'columns': ['use_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

uses as (
    {{ newest_version(source('raw_crm', 'crm_preference_uses'), ['contact_id', 'code', 'used_at'], event_at='used_at') }}
)

select
    sources.brand,
    sources.source,
    uses._version_at,
    uses._payload_hash,
    uses.code,
    uses.used_at,
    uses.ref_type,
    uses.ref_id,
    sources.source || '/' || uses.contact_id || '/' || uses.code || '/' || cast(uses.used_at as text) as use_key,
    {{ contact_node('sources.source', 'uses.contact_id') }} as own_node
from uses
inner join sources
    on uses._source = sources.source
