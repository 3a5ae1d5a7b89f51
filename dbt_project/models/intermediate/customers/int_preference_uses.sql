{{ config(
    materialized='by_key',
    key='use_key',
    changed_by=[
        {'model': 'stg_crm__preference_uses'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__preference_uses', 'on': 'own_node'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['use_key']}, {'columns': ['customer_id']}, {'columns': ['used_at']}],
) }}
with

uses as (
    select * from {{ ref('stg_crm__preference_uses') }}
    {{ where_changed() }}
),

brand_sources as (
    select * from {{ ref('int_brand_sources') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    uses.use_key,
    uses.brand,
    customer_nodes.customer_id,
    uses.code as preference_code,
    uses.used_at,
    {{ referred_key('uses', 'uses.ref_type', 'uses.ref_id') }} as ref_key
from uses
inner join brand_sources
    on uses.brand = brand_sources.brand
inner join customer_nodes
    on
        uses.brand = customer_nodes.brand
        and uses.own_node = customer_nodes.node
