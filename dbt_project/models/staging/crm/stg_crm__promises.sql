{{ config(
    materialized='by_key',
    key='promise_key',
    changed_by=[{'raw': ['raw_crm', 'crm_promises'], 'keys': ['promise_id'], 'event': 'made_at'}],
    indexes=[{'columns': ['promise_key']}, {'columns': ['own_node']}],
) }}
with

sources as (
    {{ build_sources() }}
),

promises as (
    {{ newest_version(source('raw_crm', 'crm_promises'), ['promise_id'], event_at='made_at') }}
)

select
    sources.brand,
    sources.source,
    promises._version_at,
    promises._payload_hash,
    sources.timezone,
    promises.promise_id,
    promises.ref_type,
    promises.ref_id,
    promises.promise_type,
    promises.made_at,
    promises.due_at,
    promises.fulfilled_at,
    promises.made_by,
    promises.owner_employee_id,
    sources.source || '/' || promises.promise_id as promise_key,
    {{ contact_node('sources.source', 'promises.contact_id') }} as own_node
from promises
inner join sources
    on promises._source = sources.source
