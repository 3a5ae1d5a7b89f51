{{ config(
    materialized='by_key',
    key='customer_id',
    changed_by=[
        {'model': 'int_leaving_customers'},
        {'model': 'int_customer_troubles'},
        {'model': 'fct_cases', 'logged': 'customer_id'},
        {'model': 'fct_touchpoints', 'logged': 'customer_id'},
    ],
    indexes=[{'columns': ['customer_id']}],
) }}
{%- set before_cut = add_days('customers.cut_date', '-' ~ var('lapse_days')) -%}
with

customers as (
    select * from {{ ref('int_leaving_customers') }}
    {{ where_changed() }}
),

troubles as (
    select * from {{ ref('int_customer_troubles') }}
    {{ where_changed() }}
),

-- what was mended by the cut is no gap
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
)

select
    brand,
    customer_id,
    case when kind = 'failure' then 'last_failure' else 'gap' end as trait,
    code
from met
where (kind = 'failure' and recency_rank = 1) or kind = 'gap'
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
    customers.brand,
    customers.customer_id,
    'touchpoint' as trait,
    coalesce(touches.touchpoint_code, 'untyped') as code
from customers
inner join {{ ref('fct_touchpoints') }} as touches
    on
        customers.brand = touches.brand
        and customers.customer_id = touches.customer_id
        and customers.cut_date >= touches.business_date
        and touches.business_date > {{ before_cut }}
        and (touches.ref_type <> 'transaction' or touches.journey_stage <> 'during')
