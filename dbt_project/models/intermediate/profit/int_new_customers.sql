{{ config(materialized='view') }}
{%- set days = var('lapse_days') -%}
with

customers as (
    select
        beginnings.*,
        -- the first day after the window, the one on which int_purchase_lifetimes lets a customer lapse
        {{ add_days('beginnings.first_purchase_date', days) }} as window_ends_on,
        {{ quarter_start('beginnings.first_purchase_date') }} as first_quarter,
        min(beginnings.first_purchase_date) over (partition by beginnings.brand) as data_begin_on,
        horizons.as_of_date,
        horizons.currency
    from {{ ref('int_customer_beginnings') }} as beginnings
    inner join {{ ref('int_brand_horizons') }} as horizons on beginnings.brand = horizons.brand
),

-- bound on any day of the window: whoever cannot leave says nothing by staying
bonds as (
    select
        customers.brand,
        customers.customer_id,
        max(
            case
                when commitments.valid_from >= customers.window_ends_on then 0
                when commitments.valid_to <= customers.first_purchase_date then 0
                else 1
            end
        ) as is_bound
    from customers
    inner join {{ ref('int_customer_commitments') }} as commitments on customers.customer_id = commitments.customer_id
    group by customers.brand, customers.customer_id
)

select
    customers.brand,
    customers.customer_id,
    customers.first_quarter,
    customers.currency,
    {{ months_between('customers.data_begin_on', 'customers.first_quarter') }} < {{ var('burn_in_months') }} as is_burn_in,
    -- a hundred days later lies in the next quarter
    {{ add_days(quarter_start(add_days('customers.first_quarter', 100)), days ~ ' - 1') }}
    <= customers.as_of_date as is_window_closed,
    customers.came_again,
    cast(case when customers.purchases_in_other_currencies = 0 then customers.spend end as decimal(18, 2)) as spend,
    case when count(bonds.customer_id) over (partition by customers.brand) > 0 then coalesce(bonds.is_bound, 0) end as is_bound,
    case when memberships.started_on < customers.window_ends_on then 1 else 0 end as is_member,
    case
        when memberships.started_on >= customers.window_ends_on then 0
        when not memberships.is_ended or memberships.observed_until >= customers.window_ends_on then 1
        else 0
    end as is_member_kept
from customers
left join bonds on customers.brand = bonds.brand and customers.customer_id = bonds.customer_id
left join {{ ref('int_membership_lifetimes') }} as memberships
    on customers.brand = memberships.brand and customers.customer_id = memberships.customer_id
