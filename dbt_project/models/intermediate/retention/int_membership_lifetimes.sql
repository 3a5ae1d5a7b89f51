with

memberships as (
    select * from {{ ref('stg_crm__segment_memberships') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

spans as (
    select
        memberships.brand,
        customer_nodes.customer_id,
        memberships.segment_code,
        memberships.valid_from,
        memberships.valid_to,
        horizons.as_of_date,
        coalesce(memberships.valid_to > horizons.as_of_date, true) as is_open,
        row_number() over (
            partition by memberships.brand, customer_nodes.customer_id
            order by memberships.valid_from, {{ byte_order('memberships.membership_key') }}
        ) as entry_order
    from memberships
    inner join customer_nodes
        on memberships.brand = customer_nodes.brand and memberships.own_node = customer_nodes.node
    inner join horizons
        on memberships.brand = horizons.brand
    where memberships.valid_from <= horizons.as_of_date
),

lifetimes as (
    select
        brand,
        customer_id,
        as_of_date,
        max(case when entry_order = 1 then segment_code end) as entry_segment_code,
        min(valid_from) as started_on,
        max(valid_to) as last_valid_to,
        max(case when is_open then 1 else 0 end) = 0 as is_ended
    from spans
    group by brand, customer_id, as_of_date
)

select
    brand,
    customer_id,
    'membership' as basis,
    entry_segment_code,
    started_on,
    case when is_ended then last_valid_to else as_of_date end as observed_until,
    is_ended
from lifetimes
