with

redirects as (
    select * from {{ source('identity', 'redirects') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

customers as (
    select distinct
        brand,
        customer_id
    from customer_nodes
)

select
    redirects.old_customer_id,
    redirects.brand,
    customers.customer_id,
    redirects.valid_from
from redirects
left join customers
    on
        redirects.brand = customers.brand
        and redirects.customer_id = customers.customer_id
where redirects.valid_to is null
