{{ config(
    materialized='by_key',
    key='review_key',
    changed_by=[
        {'model': 'stg_crm__reviews'},
        {'model': 'int_customer_nodes', 'logged': 'node', 'through': 'stg_crm__reviews', 'on': 'own_node'},
    ],
    logs=['customer_id'],
    indexes=[{'columns': ['review_key']}, {'columns': ['customer_id']}, {'columns': ['posted_at']}],
) }}
with

reviews as (
    select * from {{ ref('stg_crm__reviews') }}
    {{ where_changed() }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
)

select
    reviews.review_key,
    reviews.brand,
    customer_nodes.customer_id,
    reviews.posted_at,
    reviews.rating,
    reviews.scale_max,
    reviews.has_comment,
    reviews.has_media,
    reviews.responded_at
from reviews
inner join customer_nodes
    on
        reviews.brand = customer_nodes.brand
        and reviews.own_node = customer_nodes.node
