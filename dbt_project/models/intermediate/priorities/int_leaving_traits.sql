{%- set before_cut = add_days('customers.cut_date', '-' ~ var('lapse_days')) -%}
with

customers as (
    select * from {{ ref('int_leaving_customers') }}
),

troubles as (
    select * from {{ ref('int_customer_troubles') }}
),

-- what met a customer in the lapse_days before the cut; what was mended by then is no gap
met as (
    select
        customers.brand,
        customers.customer_id,
        levers.kind,
        troubles.code,
        row_number() over (
            partition by customers.brand, customers.customer_id, levers.kind
            order by troubles.began_on desc, {{ byte_order('troubles.code') }} asc
        ) as recency_rank
    from customers
    inner join troubles
        on
            customers.brand = troubles.brand
            and customers.customer_id = troubles.customer_id
            and customers.cut_date >= troubles.began_on
            and troubles.began_on > {{ before_cut }}
            and coalesce(cast(troubles.mended_at as date) > customers.cut_date, true)
    inner join {{ ref('levers') }} as levers
        on troubles.code = levers.code
),

traits as (
    select
        customers.brand,
        customers.customer_id,
        'last_failure' as trait,
        coalesce(met.code, 'none') as code
    from customers
    left join met
        on
            customers.brand = met.brand
            and customers.customer_id = met.customer_id
            and met.kind = 'failure'
            and met.recency_rank = 1
    union
    select
        brand,
        customer_id,
        'gap' as trait,
        code
    from met
    where kind = 'gap'
    union
    select
        customers.brand,
        customers.customer_id,
        'open_case' as trait,
        'open_case' as code
    from customers
    inner join {{ ref('fct_cases') }} as cases
        on
            customers.brand = cases.brand
            and customers.customer_id = cases.customer_id
            and customers.cut_date >= cases.business_date
            and cases.business_date > {{ before_cut }}
            and coalesce(cast(coalesce(cases.resolved_at, cases.closed_at) as date) > customers.cut_date, not cases.is_closed)
    union
    select
        brand,
        customer_id,
        'channel' as trait,
        channel as code
    from customers
    union
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
