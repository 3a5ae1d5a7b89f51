{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[{'model': 'int_leaving_customers'}, {'model': 'int_leaving_events'}],
    logs=['brand'],
    indexes=[{'columns': ['customer_id']}, {'columns': ['brand']}],
) }}
with

customers as (
    select * from {{ ref('int_leaving_customers') }}
    {{ where_changed() }}
),

events as (
    select * from {{ ref('int_leaving_events') }}
    {{ where_changed() }}
),

traits as (
    select
        brand,
        customer_id,
        trait,
        code
    from events
    union all
    select
        customers.brand,
        customers.customer_id,
        'last_failure' as trait,
        'none' as code
    from customers
    left join events
        on
            customers.brand = events.brand
            and customers.customer_id = events.customer_id
            and events.trait = 'last_failure'
    where events.customer_id is null
    union all
    select
        brand,
        customer_id,
        'channel' as trait,
        channel as code
    from customers
    union all
    select
        brand,
        customer_id,
        'all' as trait,
        'all' as code
    from customers
)

select
    traits.brand,
    traits.customer_id,
    traits.trait,
    traits.code,
    customers.stratum,
    customers.cut_date,
    customers.is_lapsed,
    cast(customers.spend as decimal(18, 2)) as spend
from traits
inner join customers
    on
        traits.brand = customers.brand
        and traits.customer_id = customers.customer_id
