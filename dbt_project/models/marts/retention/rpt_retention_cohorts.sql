with

customer_months as (
    select * from {{ ref('int_customer_purchase_months') }}
),

horizons as (
    select * from {{ ref('int_brand_horizons') }}
),

offsets as (
    {{ whole_numbers() }}
),

cohorts as (
    select
        customer_months.brand,
        customer_months.cohort_month,
        horizons.as_of_date,
        count(*) as cohort_size,
        min(customer_months.cohort_month) over (partition by customer_months.brand) as first_month
    from customer_months
    inner join horizons on customer_months.brand = horizons.brand
    where customer_months.purchase_month = customer_months.cohort_month
    group by customer_months.brand, customer_months.cohort_month, horizons.as_of_date
),

activity as (
    select
        brand,
        cohort_month,
        {{ months_between('cohort_month', 'purchase_month') }} as month_offset,
        count(*) as active_customers,
        sum(purchases) as purchases
    from customer_months
    group by brand, cohort_month, purchase_month
),

-- The month that holds as_of is not over: it is shown as an empty last step of the triangle.
triangle as (
    select
        cohorts.*,
        offsets.number as month_offset,
        {{ months_between('cohorts.cohort_month', 'cohorts.as_of_date') }} > offsets.number as is_month_closed
    from cohorts
    inner join offsets
        on offsets.number <= {{ months_between('cohorts.cohort_month', 'cohorts.as_of_date') }}
),

measured as (
    select
        triangle.brand,
        triangle.cohort_month,
        triangle.month_offset,
        triangle.is_month_closed,
        {{ months_between('triangle.first_month', 'triangle.cohort_month') }} < {{ var('burn_in_months', 3) }} as is_burn_in,
        triangle.cohort_size,
        case when triangle.is_month_closed then coalesce(activity.active_customers, 0) end as active_customers,
        case when triangle.is_month_closed then coalesce(activity.purchases, 0) end as purchases
    from triangle
    left join activity
        on
            triangle.brand = activity.brand
            and triangle.cohort_month = activity.cohort_month
            and triangle.month_offset = activity.month_offset
)

select
    brand,
    cohort_month,
    month_offset,
    is_month_closed,
    is_burn_in,
    cohort_size,
    active_customers,
    cast(purchases as bigint) as purchases,
    {{ ratio('active_customers', 'cohort_size') }} as retention,
    {{ wilson_lower('active_customers', 'cohort_size') }} as retention_lower,
    {{ wilson_upper('active_customers', 'cohort_size') }} as retention_upper,
    {{ var('burn_in_months', 3) }} as burn_in_months
from measured
