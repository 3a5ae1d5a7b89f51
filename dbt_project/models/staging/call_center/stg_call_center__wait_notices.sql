{{ config(
    materialized='by_key',
    key='notice_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_wait_notices'], 'keys': ['contact_id', 'notified_at'], 'event': 'notified_at'}],
    logs=['leg_key'],
    indexes=[{'columns': ['notice_key']}, {'columns': ['leg_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

notices as (
    {{ newest_version(
        source('raw_call_center', 'call_center_wait_notices'), ['contact_id', 'notified_at'], event_at='notified_at'
    ) }}
)

select
    sources.brand,
    sources.source,
    notices._version_at,
    notices._payload_hash,
    notices.notified_at,
    notices.kind,
    notices.quoted_seconds,
    notices.is_accepted,
    sources.source || '/' || notices.contact_id || '/' || cast(notices.notified_at as text) as notice_key,
    sources.source || '/' || notices.contact_id as leg_key
from notices
inner join sources
    on notices._source = sources.source
