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
