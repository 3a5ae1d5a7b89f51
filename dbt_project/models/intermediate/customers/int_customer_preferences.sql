{{ config(
    materialized='by_key',
    key='preference_key',
    changed_by=[
        {'model': 'stg_crm__preferences'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__preferences', 'on': 'own_node'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['preference_key']}, {'columns': ['customer_id']}, {'columns': ['recorded_at']}],
) }}
with

preferences as (
    select * from {{ ref('stg_crm__preferences') }}
    {{ where_changed() }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    preferences.preference_key,
    preferences.brand,
    customer_nodes.customer_id,
    preferences.code as preference_code,
    preferences.origin,
    preferences.recorded_at
from preferences
inner join customer_nodes
    on
        preferences.brand = customer_nodes.brand
        and preferences.own_node = customer_nodes.node
