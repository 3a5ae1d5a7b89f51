{{ config(
    materialized='by_key',
    key='case_key',
    changed_by=[{'model': 'stg_crm__cases'}],
    logs=['own_node'],
    indexes=[{'columns': ['case_key']}, {'columns': ['own_node']}, {'columns': ['transaction_key']}, {'columns': ['location_key']}],
) }}
with

cases as (
    select * from {{ ref('stg_crm__cases') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
)

select
    cases.case_key,
    cases.brand,
    cases.source,
    cases.own_node,
    cases.created_at,
    brand_sources.pos_source || '/' || cases.order_ref as transaction_key,
    brand_sources.pos_source || '/' || cases.location_id as location_key
from cases
inner join brand_sources
    on cases.brand = brand_sources.brand
