{{ config(
    materialized='by_key',
    key='commitment_key',
    changed_by=[
        {'model': 'stg_crm__commitments'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__commitments', 'on': 'own_node'},
    ],
    indexes=[{'columns': ['commitment_key']}, {'columns': ['customer_id']}],
) }}
with

commitments as (
    select * from {{ ref('stg_crm__commitments') }}
    {{ where_changed() }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    commitments.commitment_key,
    commitments.brand,
    customer_nodes.customer_id,
    commitments.kind,
    commitments.valid_from,
    commitments.valid_to
from commitments
inner join customer_nodes
    on
        commitments.brand = customer_nodes.brand
        and commitments.own_node = customer_nodes.node
