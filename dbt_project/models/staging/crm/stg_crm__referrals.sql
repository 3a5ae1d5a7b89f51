{{ config(
    materialized='by_key',
    key='referral_key',
    changed_by=[{'raw': ['raw_crm', 'crm_referrals'], 'keys': ['referral_id'], 'event': 'referred_at'}],
    indexes=[{'columns': ['referral_key']}],
) }}
with

sources as (
    {{ build_sources() }}
),

referrals as (
    {{ newest_version(source('raw_crm', 'crm_referrals'), ['referral_id'], event_at='referred_at') }}
)

select
    sources.brand,
    sources.source,
    referrals._version_at,
    referrals._payload_hash,
    sources.timezone,
    referrals.referral_id,
    referrals.referred_at,
    referrals.converted_transaction_id,
    sources.source || '/' || referrals.referral_id as referral_key,
    {{ contact_node('sources.source', 'referrals.referrer_contact_id') }} as own_node
from referrals
inner join sources
    on referrals._source = sources.source
