{{ config(
    materialized='by_key',
    key='leg_key',
    changed_by=[{'raw': ['raw_call_center', 'call_center_contacts'], 'keys': ['contact_id'], 'event': 'initiated_at'}],
    logs=['call_key'],
    indexes=[{'columns': ['leg_key']}, {'columns': ['call_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

contacts as (
    {{ newest_version(source('raw_call_center', 'call_center_contacts'), ['contact_id'], event_at='initiated_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'call_center'
)

select
    sources.brand,
    sources.source,
    contacts._version_at,
    contacts._payload_hash,
    sources.timezone,
    contacts.contact_id,
    contacts.direction,
    contacts.initiation_method,
    contacts.initiated_at,
    contacts.enqueued_at,
    contacts.dequeued_at,
    contacts.connected_to_agent_at,
    contacts.disconnected_at,
    contacts.queue_id,
    contacts.agent_id,
    contacts.interaction_seconds,
    contacts.hold_seconds,
    contacts.after_contact_work_seconds,
    contacts.disposition_code,
    contacts.issue_type,
    contacts.case_id,
    contacts.is_resolved,
    contacts.reasked_identity,
    contacts.reasked_issue,
    contacts.record_viewed_at,
    contacts.verified_contact_id,
    sources.source || '/' || contacts.contact_id as leg_key,
    -- a leg without an initial contact begins its own chain
    sources.source || '/' || coalesce(contacts.initial_contact_id, contacts.contact_id) as call_key,
    coalesce(contacts.initial_contact_id, contacts.contact_id) as initial_contact_id,
    {{ customer_node('sources.source', 'contacts.customer_ref') }} as account_node,
    -- a chat handle names no mailbox and no line, so it identifies nobody across channels
    case
        when contacts.channel = 'email' then {{ identifier_node('email', 'contacts.customer_endpoint_token') }}
    end as email_node,
    case
        when contacts.channel in ('voice', 'sms') then {{ identifier_node('phone', 'contacts.customer_endpoint_token') }}
    end as phone_node,
    coalesce(channel_map.channel, 'other') as channel,
    {{ local_date('contacts.initiated_at', 'sources.timezone') }} as business_date
from contacts
inner join sources
    on contacts._source = sources.source
left join channel_map
    on contacts.channel = channel_map.code
