with

memberships as (
    select * from {{ ref('stg_crm__segment_memberships') }}
),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
),

customer_nodes as (
    select * from {{ ref('int_customer_nodes') }}
),

contacts_with_history as (
    select distinct own_node from memberships
),

-- a contact without a history has always been in the segment it is in now, as far as anyone can tell
undated as (
    select
        contacts.brand,
        contacts.own_node,
        contacts.segment_code,
        cast('0001-01-01' as date) as valid_from,
        cast(null as date) as valid_to
    from contacts
    left join contacts_with_history
        on contacts.own_node = contacts_with_history.own_node
    where contacts.segment_code is not null and contacts_with_history.own_node is null
),

periods as (
    select
        brand,
        own_node,
        segment_code,
        valid_from,
        valid_to
    from memberships
    union all
    select * from undated
)

select
    periods.brand,
    customer_nodes.customer_id,
    periods.segment_code,
    periods.valid_from,
    max(coalesce(periods.valid_to, cast('9999-12-31' as date))) as valid_to
from periods
inner join customer_nodes
    on
        periods.brand = customer_nodes.brand
        and periods.own_node = customer_nodes.node
group by periods.brand, customer_nodes.customer_id, periods.segment_code, periods.valid_from
