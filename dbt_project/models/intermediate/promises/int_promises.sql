{{ config(
    materialized='by_key',
    key='promise_key',
    changed_by=[
        {'model': 'stg_crm__promises'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__promises', 'on': 'own_node'},
        {'model': 'stg_call_center__contacts', 'logged': 'leg_key', 'through': 'this', 'on': 'named_key'},
        {'model': 'int_touch_records', 'logged': 'ref_key', 'through': 'this'},
    ],
    indexes=[{'columns': ['promise_key']}, {'columns': ['named_key']}, {'columns': ['ref_key']}, {'columns': ['made_at']}, {'columns': ['due_at']}, {'columns': ['fulfilled_at']}],
) }}
with

promises as (
    select * from {{ ref('stg_crm__promises') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

legs as (
    select * from {{ ref('stg_call_center__contacts') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

records as (
    select * from {{ ref('int_touch_records') }}
),

named as (
    select
        promises.*,
        {{ referred_type('promises.ref_type') }} as record_type,
        {{ referred_key('promises', 'promises.ref_type', 'promises.ref_id') }} as named_key
    from promises
    inner join brand_sources
        on promises.brand = brand_sources.brand
),

-- a promise may name any leg of a call
referred as (
    select
        named.*,
        coalesce(legs.call_key, named.named_key) as ref_key
    from named
    left join legs
        on
            named.record_type = 'call'
            and named.named_key = legs.leg_key
)

-- a promise without a contact belongs to the person of the touch it was made about
select
    referred.promise_key,
    referred.brand,
    referred.source,
    referred.promise_id,
    coalesce(customer_nodes.customer_id, records.customer_id) as customer_id,
    referred.promise_type,
    referred.record_type as ref_type,
    referred.named_key,
    referred.ref_key,
    referred.made_at,
    referred.made_by,
    referred.owner_employee_id,
    referred.due_at,
    referred.fulfilled_at,
    {{ local_date('referred.due_at', 'referred.timezone') }} as business_date
from referred
left join customer_nodes
    on
        referred.brand = customer_nodes.brand
        and referred.own_node = customer_nodes.node
left join records
    on
        referred.record_type = records.ref_type
        and referred.ref_key = records.ref_key
