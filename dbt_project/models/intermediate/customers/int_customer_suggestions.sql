{{ config(
    materialized='by_key',
    key='suggestion_key',
    changed_by=[
        {'model': 'stg_crm__suggestions'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__suggestions', 'on': 'own_node'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['suggestion_key']}, {'columns': ['customer_id']}, {'columns': ['submitted_at']}],
) }}
with

suggestions as (
    select * from {{ ref('stg_crm__suggestions') }}
    {{ where_changed() }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    suggestions.suggestion_key,
    suggestions.brand,
    customer_nodes.customer_id,
    suggestions.topic,
    suggestions.submitted_at,
    suggestions.adopted_at
from suggestions
inner join customer_nodes
    on
        suggestions.brand = customer_nodes.brand
        and suggestions.own_node = customer_nodes.node
