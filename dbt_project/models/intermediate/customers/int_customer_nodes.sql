{{ config(
    materialized='by_key',
    key='node',
    changed_by='all',
    logs=['customer_id'],
    indexes=[{'columns': ['node']}, {'columns': ['customer_id']}],
) }}
with

members as (
    select * from {{ source('identity', 'members') }}
)

select
    brand,
    node,
    customer_id
from members
where build_id = {{ build_id() }}
