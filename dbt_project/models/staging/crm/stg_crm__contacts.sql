{{ config(
    materialized='by_key',
    key='contact_key',
    changed_by=[{'raw': ['raw_crm', 'crm_contacts'], 'keys': ['contact_id'], 'event': 'created_at'}],
    logs=['own_node', 'master_node', 'loyalty_node', 'email_node', 'phone_node'],
    indexes=[{'columns': ['contact_key']}, {'columns': ['own_node']}],
    sparse_indexes=['master_node', 'loyalty_node', 'email_node', 'phone_node'],
) }}
with

sources as (
    {{ build_sources() }}
),

contacts as (
    {{ newest_version(source('raw_crm', 'crm_contacts'), ['contact_id'], event_at='created_at') }}
),

channel_map as (
    select * from {{ ref('channel_map') }}
    where kind = 'crm'
)

select
    sources.brand,
    sources.source,
    contacts._version_at,
    contacts._payload_hash,
    contacts.contact_id,
    contacts.created_at,
    contacts.source_updated_at as updated_at,
    contacts.segment_code,
    contacts.consent_marketing,
    contacts.consent_profiling,
    {{ contact_node('sources.source', 'contacts.contact_id') }} as own_node,
    {{ contact_node('sources.source', 'contacts.master_contact_id') }} as master_node,
    {{ identifier_node('loyalty', 'contacts.loyalty_id') }} as loyalty_node,
    {{ identifier_node('email', 'contacts.email_token') }} as email_node,
    {{ identifier_node('phone', 'contacts.phone_token') }} as phone_node,
    coalesce(channel_map.channel, contacts.preferred_channel) as preferred_channel,
    sources.source || '/' || contacts.contact_id as contact_key
from contacts
inner join sources
    on contacts._source = sources.source
left join channel_map
    on contacts.preferred_channel = channel_map.code
