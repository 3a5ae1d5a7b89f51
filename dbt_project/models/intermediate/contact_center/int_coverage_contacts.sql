{{ config(
    materialized='by_key',
    key='contact_key',
    changed_by=[
        {'model': 'fct_calls', 'logged': 'call_key'},
        {'model': 'stg_crm__digital_events', 'logged': 'event_key'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__digital_events', 'on': 'own_node', 'key': 'event_key'},
        {'model': 'fct_touchpoints', 'logged': 'customer_id', 'through': 'this'},
        {'due': ['initiated_at'], 'through': 'fct_calls', 'key': 'call_key'},
        {'due': ['occurred_at'], 'through': 'stg_crm__digital_events', 'key': 'event_key'},
        {'due': ['window_ends_at'], 'through': 'this'},
    ],
    indexes=[{'columns': ['contact_key']}, {'columns': ['customer_id']}, {'columns': ['queue_key']}, {'columns': ['window_ends_at']}],
) }}
{%- set self_service = "'" ~ var('self_service_events') | join("', '") ~ "'" -%}
{%- set window_ends_at = add_minutes('contacts.ended_at', var('containment_days') * 24 * 60) -%}
with

sources as (
    {{ build_sources() }}
),

contacts as (
    select
        call_key as contact_key,
        brand,
        source,
        customer_id,
        channel,
        source || '/' || queue_id as queue_key,
        initiated_at as occurred_at,
        greatest(ended_at, initiated_at) as ended_at,
        is_abandoned and abandonment_stage = 'self_service' as is_unattended
    from {{ ref('fct_calls') }}
    where direction = 'inbound' {{ and_changed('call_key') }}
    union all
    select
        events.event_key as contact_key,
        events.brand,
        events.source,
        nodes.customer_id,
        events.channel,
        cast(null as text) as queue_key,
        events.occurred_at,
        events.occurred_at as ended_at,
        true as is_unattended
    from {{ ref('stg_crm__digital_events') }} as events
    left join {{ ref('int_customer_nodes') }} as nodes
        on events.brand = nodes.brand and events.own_node = nodes.node
    where events.event_type in ({{ self_service }}) {{ and_changed('events.event_key') }}
),

known as (
    select
        contacts.*,
        sources.timezone,
        {{ local_date('contacts.occurred_at', 'sources.timezone') }} as business_date,
        {{ local_clock('contacts.occurred_at', 'sources.timezone') }} as local_clock,
        {{ window_ends_at }} as window_ends_at,
        contacts.customer_id is not null and {{ window_ends_at }} <= horizons.as_of as is_judged
    from contacts
    inner join sources on contacts.source = sources.source
    inner join {{ ref('int_brand_horizons') }} as horizons
        on contacts.brand = horizons.brand and contacts.occurred_at <= horizons.as_of
),

-- contacts nobody attended to after which the person came to somebody
returned as (
    select distinct known.contact_key
    from known
    inner join {{ ref('int_inbound_contacts') }} as later
        on
            known.customer_id = later.customer_id
            and known.ended_at < later.occurred_at
            and known.window_ends_at >= later.occurred_at
    where known.is_unattended
)

select
    known.contact_key,
    known.brand,
    known.customer_id,
    known.channel,
    known.queue_key,
    known.occurred_at,
    known.timezone,
    known.business_date,
    known.local_clock,
    known.window_ends_at,
    case when known.is_judged then known.is_unattended end as is_unattended,
    case when known.is_judged then known.is_unattended and returned.contact_key is null end as is_contained
from known
left join returned on known.contact_key = returned.contact_key
