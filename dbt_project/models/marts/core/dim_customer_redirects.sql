with

redirects as (
    select * from {{ source('identity', 'redirects') }}
    where valid_to is null
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

-- of the few that are led to, not of all customers
customers as (
    select distinct
        customer_nodes.brand,
        customer_nodes.customer_id
    from redirects
    inner join customer_nodes
        on
            redirects.brand = customer_nodes.brand
            and redirects.customer_id = customer_nodes.customer_id
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
