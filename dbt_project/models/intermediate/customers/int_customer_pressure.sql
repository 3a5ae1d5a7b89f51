{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_customer_nodes'},
        {'model': 'stg_crm__campaign_touches', 'logged': 'own_node', 'through': 'int_customer_nodes', 'on': 'node'},
        {'model': 'stg_crm__contacts', 'logged': 'own_node', 'through': 'int_customer_nodes', 'on': 'node'},
        {'model': 'fct_touchpoints'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
with

nodes as (
    select * from {{ ref('int_customer_nodes') }}
    {{ where_changed() }}
),

spine as (
    select * from {{ ref('fct_touchpoints') }}
    where ref_type in ('call', 'case') and customer_id is not null {{ and_changed() }}
),

touches as (
    select
        nodes.brand,
        nodes.customer_id,
        campaigns.touched_at,
        {{ month_start(local_date('campaigns.touched_at', 'campaigns.timezone')) }} as pressure_month,
        1 as campaign_touches
    from {{ ref('stg_crm__campaign_touches') }} as campaigns
    inner join nodes on campaigns.brand = nodes.brand and campaigns.own_node = nodes.node
    union all
    select
        brand,
        customer_id,
        occurred_at as touched_at,
        {{ month_start('business_date') }} as pressure_month,
        0 as campaign_touches
    from spine
    where direction = 'outbound'
),

replies as (
    select distinct
        touches.customer_id,
        touches.pressure_month
    from touches
    inner join spine
        on
            touches.customer_id = spine.customer_id
            and touches.touched_at < spine.occurred_at
            and {{ add_minutes('touches.touched_at', var('pressure_reply_days') * 1440) }} >= spine.occurred_at
    where spine.direction = 'inbound'
),

-- a complaint is put to the month before: that of the touches it may answer
complaints as (
    select distinct
        customer_id,
        {{ month_start(add_days(month_start('business_date'), -1)) }} as pressure_month
    from spine
    where direction = 'inbound' and is_complaint
),

-- no history of consent is delivered: who refuses in a record newer than the contact has opted out when it was written
consents as (
    select
        nodes.customer_id,
        {{ month_start(local_date(
            'max(case when not contacts.consent_marketing and contacts._version_at > contacts.created_at'
            ~ ' then contacts._version_at end)', "'" ~ var('reporting_timezone') ~ "'"
        )) }} as refused_month
    from {{ ref('stg_crm__contacts') }} as contacts
    inner join nodes on contacts.brand = nodes.brand and contacts.own_node = nodes.node
    where contacts.consent_marketing is not null
    group by nodes.customer_id
)

select
    touches.brand,
    touches.customer_id,
    touches.pressure_month,
    count(*) as touches,
    sum(touches.campaign_touches) as campaign_touches,
    count(replies.customer_id) > 0 as has_replied,
    count(complaints.customer_id) > 0 as has_complained,
    count(consents.customer_id) > 0
    and sum(touches.campaign_touches) > 0
    and coalesce(max(consents.refused_month) > touches.pressure_month, true) as could_opt_out,
    coalesce(max(consents.refused_month) = {{ month_start(add_days('touches.pressure_month', 31)) }}, false) as has_opted_out
from touches
left join replies on touches.customer_id = replies.customer_id and touches.pressure_month = replies.pressure_month
left join complaints
    on touches.customer_id = complaints.customer_id and touches.pressure_month = complaints.pressure_month
left join consents on touches.customer_id = consents.customer_id
group by touches.brand, touches.customer_id, touches.pressure_month
